/* Functions of atexit that a controlled thread registers. */
#ifndef RFH_EXITS_H
#define RFH_EXITS_H

int rfh_exits_install(void); /* 0, or -1 with an exception set */
void rfh_exits_remove(void);

#endif
