/* The order of a set follows from the hash seed, or from addresses, which are the same in every execution. In some it is turned round: two
 * texts come in one order under half of the seeds, and in the other under the rest.
 */
#ifndef RFH_SETS_H
#define RFH_SETS_H

#include <Python.h>

/* What an execution has gone through, or taken from: a set of two that has two orders; one of more, which has others
 * besides. Or it has asked for a hash that is another elsewhere, but for what makes one of an object. */
enum { RFH_SETS_OF_TWO = 1, RFH_SETS_OF_MORE = 2, RFH_SETS_HASHED = 4 };

int rfh_sets_install(void); /* 0, or -1 with an exception set */
void rfh_sets_remove(void);

#endif
