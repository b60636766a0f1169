/* Pipes and pairs of sockets both of whose ends are this process's: a read or write that would block waits like for a lock. */
#ifndef RFH_PIPES_H
#define RFH_PIPES_H

int rfh_pipes_install(void);
void rfh_pipes_remove(void);

#endif
