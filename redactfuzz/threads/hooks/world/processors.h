/* One processor for all threads of an execution, and the program is shown those that it may use. */
#ifndef RFH_PROCESSORS_H
#define RFH_PROCESSORS_H

int rfh_processors_install(void); /* 0 */
void rfh_processors_remove(void);
/* Before an execution: what an earlier one has asked for is forgotten. */
void rfh_processors_begin(void);

#endif
