/* What a thread is about to do, as the exploration core sees it.
 *
 * An event never holds an address or an id(): objects are ordinals of first sight in the execution, so that the
 * same schedule gives the same events in every process.
 */
#ifndef RF_EVENT_H
#define RF_EVENT_H

#include <stdint.h>

typedef enum rf_kind {
    RF_READ = 1,
    RF_WRITE,
    RF_RMW, /* reads and writes in one step: a call, an in-place operation */
    RF_ACQUIRE,
    RF_RELEASE,
    RF_WAIT,
    RF_SIGNAL,
    RF_SPAWN,
    RF_JOIN,
    RF_END,
    RF_OPAQUE, /* a call during which the tool cannot see or stop what happens */
    RF_CRASH,  /* the pending event of a crash trigger, see rf_pend */
    RF_RESHAPE, /* a write (rf_touch) to what follows from others: which keys a container has, how long it is */
} rf_kind;

enum {
    RF_OBJECT_UNKNOWN = 0u,        /* conflicts with everything */
    RF_OBJECT_ALL = 0xffffffffu,   /* everything that a dump reaches */
    RF_OBJECT_TIME = 0xfffffffeu,  /* the clock: it goes on when a wait ends by its time */
    RF_OBJECT_TOLD = 0xfffffffdu,  /* announced where nothing is known beforehand: all that the step touches is reported */
    RF_OBJECT_DEATH = 0xfffffffcu, /* how far the process is from its end: see rfh_touch_death */
    RF_OBJECT_ALLOWED = 0xfffffffbu, /* which secrets a dump may hold now, where that is no memory of the program */
    RF_OBJECT_LAST = 0xffff0000u,  /* the highest number that an object of a program may have, where they are ordinals */
};

enum { RF_WORD = 8 }; /* bytes of an object that is a piece of memory */

enum rf_event_flags {
    RF_YIELD = 1u,   /* hands over to another enabled thread, and that is no preemption */
    RF_VISIBLE = 2u, /* a dump can see the effect, though no other thread can */
    RF_LOOP = 4u,    /* a backward jump: where spinning is counted */
    RF_TIMED = 8u,   /* with rf_block: the wait may end by its timeout (EXPIRE) */
    RF_STRIKE = 16u, /* with RF_CRASH: strikes a thread instead of running in one of its own */
    RF_PLAIN = 16u,  /* with RF_READ and RF_WRITE: a thread's access to memory that is no atomic one, of which C allows no race */
    RF_SECRET = 64u, /* since the thread's last points a secret has moved; marked where rf_status.profiles asks for it */
    RF_IN_TURN = 128u, /* with RF_TIMED: it may end so only when nobody else can go on, or has an earlier deadline */
    RF_LOCAL = 32u,  /* no other thread can notice it: a crash may strike here, but nobody else goes on in its place.
                      * With RF_CRASH: it ends the process in a dump, and runs no code of the program; with RF_VISIBLE as well, of
                      * a step (rf_touch): what a crash would do is something else from here on */
};

/* Before this event, could a thread have taken the object, as an RF_ACQUIRE does? */
typedef enum rf_room {
    RF_ROOM_UNKNOWN = 0,
    RF_ROOM_NONE, /* no: a lock that only its holder lets go of is held whenever it is let go of */
    RF_ROOM,
} rf_room;

/* Whose code the place is in: an enumeration displaces threads in the program's own first. */
typedef enum rf_origin { RF_OWN = 0, RF_PACKAGE, RF_LIBRARY, RF_ORIGINS } rf_origin;

typedef struct rf_event {
    uint64_t site;     /* stable hash of module, function and place; 0 where there is none. With rf_touch: what touches everything */
    uint64_t deadline; /* RF_TIMED only: virtual nanoseconds at which the wait ends */
    uint32_t object;
    uint32_t offset; /* of the access in the object; Python: the ordinal of the attribute's or global's name */
    uint32_t size;
    uint8_t kind; /* rf_kind */
    uint8_t flags;
    uint8_t origin; /* rf_origin */
    uint8_t room;   /* rf_room */
} rf_event;

#endif
