/* What a thread may wait for: a condition on an object, described beside the model that has it. Who schedules and who reports ask
 * the description, and know no model.
 */
#ifndef RFN_AWAITED_H
#define RFN_AWAITED_H

#include <stdint.h>

/* Who may end a wait of this kind, beside a thread of the process. */
enum {
    RFN_ENDED_BY_HANDLER = 1, /* the handler of a signal that somebody sends */
    RFN_ENDED_BY_FAMILY = 2,  /* another process of a family of fork */
    RFN_LOOKS_AGAIN = 4,      /* it waits on when it has its turn for nothing */
};

/* Everything takes the object, and may be left out but for `can`. */
typedef struct rfn_condition {
    int (*can)(const void *object);             /* it holds: the thread can go on */
    const char *name;                           /* "a mutex"; NULL: nothing that is known */
    const char *of;                             /* "the end of ": before the name of the holder, where that is all there is to say */
    uint32_t (*holder)(const void *object);     /* number of the thread; RFN_THREADS: nobody, or several. */
    uint64_t (*taken_at)(const void *object);   /* the holder's place in the program; left out: it is who wrote there last */
    const void *(*place)(const void *object);   /* where it lies in the program; left out: it is no object of the program's */
    int (*descriptor)(const void *object);      /* the number of the program's descriptor that leads there; -1: none */
    int (*is_from_outside)(const void *object); /* only what comes from outside of the process can end it */
    uint8_t flags;
} rfn_condition;

/* The usual `place`: the object itself. */
static inline const void *rfn_itself(const void *object) { return object; }
/* Whatever the object is. */
static inline int rfn_always(const void *object)
{
    (void)object;
    return 1;
}

#endif
