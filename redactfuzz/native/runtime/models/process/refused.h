/* Calls that are not carried out: they would change this machine, thousands of times, touch descriptors that are the driver's,
 * or start what nobody follows. They fail, and the verdict names what was called. Their models are generated from the rows
 * `fails` and `starts nothing` of native/libc. */
#ifndef RFN_REFUSED_H
#define RFN_REFUSED_H

#include <stdint.h>

/* -1 and ENOSYS. Asked whether a leak comes of its failing, the call seems to succeed: 0. */
int rfn_fails(uintptr_t site, const char *call);
/* The same, of a call that gives a pointer and so cannot seem to succeed. */
int rfn_fails_always(uintptr_t site, const char *call);
/* -1 and EAGAIN. */
int rfn_starts_nothing(uintptr_t site, const char *call);

#endif
