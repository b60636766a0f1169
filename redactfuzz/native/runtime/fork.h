/* fork: the child runs at once and to its end, in a real process of its own, and what its dumps give away is taken in.
 *
 * It has the thread that forked alone, and its memory is nobody else's but for shared mappings: what it left there when it
 * ended, or was struck, is its parent's as well (maps.h). Of what it does to files and pipes the parent sees nothing. It is
 * struck by itself only (a fault, a signal that it raises): the crash strikes the parent.
 */
#ifndef RFN_FORK_H
#define RFN_FORK_H

void rfn_fork_reset(void);

typedef void rfn_handler(void);
/* pthread_atfork; -1: too many. */
int rfn_atfork(rfn_handler *prepare, rfn_handler *parent, rfn_handler *child);
void rfn_atfork_before(void);
void rfn_atfork_after(int in_child);
void rfn_atfork_reset(void);

/* 0: this is the process that the driver started; else the number of the child that it is. */
unsigned rfn_child(void);
/* In a child that will end: shows its parent what it left in shared mappings. */
void rfn_child_leaves(void);
/* The child has come to its end: hands over what was found, and ends its process. */
_Noreturn void rfn_child_ended(void);
/* Adds to rfn_found what the children's dumps gave away. */
void rfn_children_inspect(void);

#endif
