/* Whether a reset puts back what an execution has changed: the section that holds all of that (parts.h) is compared, byte for byte. */
#ifndef RFN_COMPARE_H
#define RFN_COMPARE_H

/* Before the first execution. */
void rfn_state_keep(void);
/* After a reset. 0: an event has reported what is not as it was, by its distance from the start of the section. */
int rfn_state_is_back(void);

#endif
