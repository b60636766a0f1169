/* Which process of a family of fork this is. */
#ifndef RFN_SELF_H
#define RFN_SELF_H

enum { RFN_PID = 4242 }; /* what getpid gives; the main thread's gettid as well */

extern unsigned rfn_self_of_family;
extern int rfn_twin;

/* 0: this is the process that the driver started; else the number of the child that it is. */
static inline unsigned rfn_child(void) { return rfn_self_of_family; }

/* It is the twin of a child, which is struck in its place (struck.c). */
static inline int rfn_is_twin(void) { return rfn_twin; }

#endif
