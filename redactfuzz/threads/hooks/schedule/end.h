/* How an execution ends: with the last crash handler, or with what ends a process. */
#ifndef RFH_END_H
#define RFH_END_H

#include "state/execution.h"

/* A crash handler came to its end; with the last one the process is dead. */
void rfh_crash_path_ended(void);
/* Once the process is dead, and before another thread does anything: the listener takes what death left. GIL held. */
void rfh_announce_death(void);
/* Another thread goes on: the listener cuts the output where it asked for that (`announces_switches`). GIL held. */
void rfh_announce_switch(void);
/* The running thread ends the process: what the others do from now on does not count. */
void rfh_die(void);

#endif
