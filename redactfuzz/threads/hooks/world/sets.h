/* The order of a set follows from the hash seed, or from addresses, which are the same in every execution. In some it is turned round: two
 * texts come in one order under half of the seeds, and in the other under the rest.
 *
 * It follows from what is in the set alone: not from the order in which that was put in, as it does where two hashes meet in the table. So a
 * set that was made of what went through another has the order that it has under another seed, and two sets of the same have the same one,
 * unless one of them had more in it before, and a larger table. Which sets are turned is said by bits, one for what is in a
 * set: under some seeds one set has the other order, and another has not.
 */
#ifndef RFH_SETS_H
#define RFH_SETS_H

#include <Python.h>

/* What an execution has gone through, or taken from: a set of more than two, which has other orders than two; two sets of other things that
 * have one bit, so that none of them is turned without the other. Or it has asked for a hash that is another elsewhere, but for what makes
 * one of an object. */
enum { RFH_SETS_OF_MORE = 1, RFH_SETS_ALIKE = 2, RFH_SETS_HASHED = 4 };

/* In place of the bits of those that are turned: each execution draws the order of each set. */
enum { RFH_SETS_DRAWN = INT32_MAX };

int rfh_sets_install(void); /* 0, or -1 with an exception set */
void rfh_sets_remove(void);

#endif
