/* What the driver reports: a line of JSON for each event. */
#ifndef RFN_EVENTS_H
#define RFN_EVENTS_H

#include <stddef.h>

void rfn_events_init(int events, int commands);
/* The execution that has ended. Waits for the answer: 1 go on, 0 stop. */
int rfn_event_executed(void);
/* A real death is at hand: the same event, and no answer is waited for. */
void rfn_event_death(void);
void rfn_event_asked(const char *name, size_t size);
void rfn_event_failed(const char *what);
void rfn_event_ended(int exhausted);

#endif
