/* Event loops: noticed, and their waits take virtual time. */
#ifndef RFH_EVENT_LOOP_H
#define RFH_EVENT_LOOP_H

int rfh_event_loop_install(void);
void rfh_event_loop_remove(void);

#endif
