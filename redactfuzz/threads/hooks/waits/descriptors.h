/* Who can make a descriptor ready: this process alone, others as well, or others alone. */
#ifndef RFH_DESCRIPTORS_H
#define RFH_DESCRIPTORS_H

#include "schedule/looks.h"

int rfh_is_ready(int fd, short what);
int rfh_waits_when_empty(int fd); /* a read or write of it blocks */
rfh_reach rfh_reach_of(int fd, short what);
/* Which file, pipe or socket it is: never an address of anything. */
void *rfh_object_of(int fd);
/* What was written to a connection is at its other end at once. Else the kernel may keep a little of it for some real time, until
 * what was sent before is acknowledged (Nagle's algorithm). */
void rfh_push_out(int fd);

#endif
