/* fork: the child runs at once and to its end, in a real process of its own, and what its dumps give away is taken in.
 *
 * It has the thread that forked alone, and its memory is nobody else's, so that when it runs makes no difference but for
 * files and shared mappings, of which the parent sees nothing of what the child does. It is struck by itself only (a fault, a
 * signal that it raises): the crash strikes the parent.
 */
#ifndef RFN_FORK_H
#define RFN_FORK_H

void rfn_fork_reset(void);
/* 0: this is the process that the driver started; else the number of the child that it is. */
unsigned rfn_child(void);
/* The child has come to its end: hands over what was found, and ends its process. */
_Noreturn void rfn_child_ended(void);
/* Adds to rfn_found what the children's dumps gave away. */
void rfn_children_inspect(void);

#endif
