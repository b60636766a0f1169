/* Groups: places on which it depends whether a dump shows a secret.
 *
 * A dump shows one where some bytes side by side are those of a fragment that counts. Whether they can ever be is known from the
 * values that each of them has had at points of executions (seen.h). Steps that change bytes of one such place depend on
 * one another: then all executions of a class pass the same contents of it, in the same order. Steps that change what is in dumps, or
 * which secrets may be, depend on them as well.
 *
 * Nothing is asked of the program's stores: what changed since the point before is seen in memory and registers themselves.
 */
#ifndef RFN_GROUPS_H
#define RFN_GROUPS_H

#include <stdint.h>

/* As the next execution finds them. */
void rfn_groups_begin(void);
/* At a point: reports those that the last step has changed as touched. The first time in an execution none is. */
void rfn_groups_changed(void);
/* At a point at which no execution was before. 1: there are more groups than there were. `shows`: since the point before something has
 * changed that is a fragment that counts, allowed or not. */
int rfn_groups_learn(int *shows);
/* A number for all of them, in whatever order they were found. */
uint64_t rfn_groups_sum(void);
/* There is no room for more. */
int rfn_groups_full(void);

#endif
