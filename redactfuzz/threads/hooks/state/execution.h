/* One execution of a scenario: its threads, who runs, and who listens.
 *
 * Exactly one controlled thread runs at a time. It holds the GIL whenever it runs Python; all state below is read and
 * written by the running thread alone (or by the explorer while none runs), so there are no locks here.
 */
#ifndef RFH_EXECUTION_H
#define RFH_EXECUTION_H

#include <Python.h>
#include <stdint.h>

#include "explore/explore.h"
#include "state/gate.h"

enum { RFH_MAX_THREADS = 256, RFH_MANY_NAPS = 100 /* from here on it spins */, RFH_LOOPS = 64, RFH_WATCHED = 32, RFH_NEAR = 3 };
enum { RFH_SET_BITS = 31 /* as a number of a repro file has (NUMBER in model/limits.py) */ };
#define RFH_ORDERS_OF_MORE (1u << RFH_SET_BITS)

typedef enum rfh_phase {
    RFH_IDLE = 0, /* no execution */
    RFH_BODY,     /* the scenario's body runs, alone */
    RFH_EXPLORE,  /* the exploration core chooses */
    RFH_AFTER,    /* dead: it chooses on, so that a reduction learns what the threads would have touched; nothing of it counts */
    RFH_DRAIN,    /* dead: the threads run on, unrecorded, so that library state stays sane */
    RFH_UNWIND,   /* dead: what is left is unwound by an exception */
} rfh_phase;

/* Why a parked thread was woken. */
typedef enum rfh_wake {
    RFH_GO = 0,
    RFH_EXPIRED,
    RFH_STRUCK, /* a crash trigger strikes this thread: see `struck` */
    RFH_LEAVE,  /* raise Unwind */
} rfh_wake;

typedef enum rfh_state {
    RFH_NEW = 0, /* registered, not started */
    RFH_READY,   /* parked, can go on */
    RFH_RUNNING,
    RFH_BLOCKED,
    RFH_ENDED,
    RFH_ABANDONED,
} rfh_state;

typedef enum rfh_crash_mode {
    RFH_WATCHDOG = 1, /* in a thread of its own, the others run on */
    RFH_EXCEPTION,
    RFH_SIGNAL,
    RFH_KILL, /* everything stops */
} rfh_crash_mode;

typedef struct rfh_expiry {
    uint32_t step;
    uint8_t sleep;
    uint64_t limit;
} rfh_expiry;
enum { RFH_EXPIRIES = 8 /* exceptions that are known to come of an expiry */ };
enum { RFH_DRAINS = 4 /* calls within one another that go on with what code in Python gives, at most */ };
typedef struct rfh_drain {
    void *frame; /* which calls (only compared), */
    void *code;  /* what runs for that, */
    int takes;   /* and what becomes of what it yields or returns: touch/drains.h */
} rfh_drain;

typedef struct rfh_thread {
    uint16_t id;
    uint8_t state;
    uint8_t wake;
    uint8_t crash;    /* rfh_crash_mode: this number is a trigger; 0: it is none */
    uint8_t fired;    /* trigger: it has struck */
    uint8_t handled;  /* trigger: its handler has begun */
    uint8_t crashes;  /* its own exception reaches threading.excepthook */
    uint8_t adopted;  /* started by the code under test, not by race.thread */
    uint8_t daemon;   /* adopted: the process does not wait for its end */
    uint8_t fresh;    /* the last event was a call point, and nothing happened since */
    uint8_t at_switch; /* the interpreter could have switched, and nothing that anybody can see happened since */
    uint8_t returned; /* the last traced instruction returned from a Python frame */
    uint8_t timed;    /* RF_TIMED, RF_IN_TURN: of the wait that it is in */
    uint8_t by_condition; /* it waits in threading's Condition.wait, for a notification */
    uint8_t handler;  /* it is running a crash handler: nesting depth, */
    uint16_t handles; /* and number of the trigger whose handler is the innermost */
    uint8_t no_raise; /* it stands where an exception would leave a lock held */
    uint8_t no_crash; /* it stands in the machinery of threads: by="exception" strikes later */
    uint8_t looping;  /* it stands at a backward jump */
    uint8_t known_opaque; /* the call that it is in is known to give up the interpreter lock, and was announced as opaque */
    uint8_t dropped;  /* the interpreter lock was given up, and it is not announced yet: see drops.h */
    uint8_t outside;  /* it is in C code that has given up the interpreter lock, see release.c */
    uint8_t injected; /* by="exception" was raised in it and has not come out yet; 2: waits for a place where it may */
    uint8_t ready;    /* RFH_STRUCK: it could go on, what it may have waited for is there */
    uint16_t struck;  /* RFH_STRUCK: number of the trigger */
    uint16_t injector; /* number of the trigger whose exception is `injected` */
    uint16_t leaves;  /* how often it was made to leave */
    uint32_t jumps;   /* backward jumps since its last point, at the coarse granularities */
    uint32_t inside;  /* > 0: it stands in a long loop, which has no points: so many instructions at most */
    int32_t loop_from, loop_to; /* that loop, in */
    void *loop_code;  /* this code object (borrowed, only compared) */
    uint8_t left_loop; /* it returned from the function that the loop is in */
    uint8_t goes_on;  /* that loop iterates, or is a function that is called again and again */
    uint32_t since;   /* passes of a loop since the last one that was a point */
    uint8_t near;     /* points that are still near a place where a secret moved */
    uint8_t outside_focus; /* the code that it was last seen in is */
    uint8_t origin;   /* of that code: rf_origin */
    uint64_t calling; /* site of the call of C code that it is in, as far as is known; 0: none is known */
    uint64_t dropped_at; /* what `calling` was when it gave the interpreter lock up, see `dropped` */
    void *reported_loop;  /* the last one that was reported (borrowed, only compared) */
    uint32_t passes[RFH_LOOPS]; /* of backward jumps and entries of functions, by site */
    uint32_t naps;    /* sleeps of no length since it last waited */
    uint8_t gave_up;  /* C code that it called gave the interpreter lock up, since the last pass of a loop */
    uint32_t polls;   /* passes in a row of one loop in which that was so, and it stored nothing but locals */
    uint64_t polling; /* site of that loop */
    uint16_t children; /* threads that it started itself */
    int32_t quiet;    /* > 0: code of ours runs in it, or the handler of a kill; nothing is a point */
    int32_t atomic;   /* what `quiet` is while such a handler runs, of which a reduction asks what it touches; else 0 */
    int32_t redacting; /* depth of redactor calls */
    void *doing;      /* the frame that is in the middle of an instruction in which Python code may run (only compared): what that does is not known */
    uint64_t unknown_at;   /* site of what it did last that has touched everything */
    uint8_t doing_unknown; /* nor is what the instruction does itself */
    void *expects;    /* the code object that it is going to run (only compared), see touch/footprint.h */
    rfh_drain drains[RFH_DRAINS];
    int32_t draining; /* so many of them */
    const void *tidying; /* the frame of the standard library's code that takes what has died out of a list: touch/deaths.h */
    void *tidies;     /* and its code object (only compared) */
    uint64_t site;    /* where it stands */
    uint64_t deadline, limit; /* of its wait: when it ends, and how long it is */
    int32_t expiry_depth; /* frames left of those in which its last wait expired early: schedule/raises.h; 0: none */
    uint64_t expiry_site; /* where it made that wait */
    rf_event pending; /* READY, or NEW and adopted: what it announced */
    void *handle;     /* adopted, 3.13: the _ThreadHandle that joins it (borrowed) */
    const struct rfh_look *look; /* what it waits for can only be looked at: see looks.h */
    void *waits_for;  /* address of the lock, queue or thread that it waits for; NULL: a sleep */
    rfh_gate gate;
    PyThreadState *tstate;
    PyObject *name, *callable, *args, *kwargs; /* owned */
    PyObject *thread_object;                   /* adopted: NULL */
} rfh_thread;

typedef struct rfh_control {
    rf_core *core;
    uint8_t phase;
    uint8_t granularity;
    uint8_t crash_last;
    uint8_t bypass;
    uint8_t describing;
    uint8_t reduces;    /* what steps touch is reported: touch/touch.h; for a reduction, for the pairs of a replay, */
    uint8_t surveys;    /* or to touch/survey.h alone */
    uint8_t end_state;  /* rf_state */
    uint8_t body_failed;
    uint8_t main_runs;  /* the main thread has something to do once the body has returned */
    uint8_t deadlocked; /* threads waited for one another when the crash struck */
    uint8_t all_stuck;  /* the same, unless the crash gives what they wait for */
    uint8_t dead;       /* a crash path came to its end */
    uint8_t abandoned;  /* some thread could not be unwound */
    uint16_t outlived;  /* threads that had not ended at its end, and went on in RFH_AFTER */
    uint8_t over;       /* every thread has ended but for daemons */
    uint8_t death_announced; /* the listener knows that the process is dead */
    uint16_t count;
    uint16_t current;
    uint16_t open_crashes; /* struck, handler not finished */
    uint16_t daemons;    /* threads that were started as daemons */
    uint16_t strike_thread;
    uint32_t strike_step;
    uint16_t spinning;   /* RF_STEP_LIMIT: the thread */
    uint8_t too_long;    /* RF_STEP_LIMIT: a loop that gets on, but not to its end */
    uint64_t vain;       /* passes of loops that write nothing, since anybody did anything else */
    uint64_t long_passes; /* passes of any loops without points in them, since anybody did anything else */
    uint32_t drained;
    uint32_t drain_limit;
    uint32_t outside_naps; /* waits for uncontrolled holders of locks in this execution */
    uint8_t outside_holds; /* some lock was not released by them meanwhile */
    uint8_t drawn;         /* where chance was drawn from, see randomness.h */
    uint8_t unreported;    /* the interpreter lock was given up, and the listener could not be called */
    uint16_t looked_in_vain; /* number + 1 of a thread that waited for what somebody outside was to bring: it did not come */
    uint16_t looking;      /* threads that wait for what can only be looked at */
    uint16_t asked;        /* number + 1 of what a thread waits for that was made before the scenario: something was handed over there */
    uint16_t waited;       /* number + 1 of a thread whose wait ended by its limit, or not before the process died */
    uint8_t finalized;     /* finalizers of cycles have run: see collector.h */
    uint8_t outside_help;  /* a thread that is not controlled released what a thread waited for */
    uint8_t early;      /* some wait ended by its limit although the default order had others go on */
    uint32_t told;      /* so often, */
    rfh_expiry early_ones[RFH_EXPIRIES]; /* the first of them, */
    uint32_t expiries;  /* exceptions that came of that, */
    const void *of_expiry[RFH_EXPIRIES]; /* and the last of them (only compared) */
    uint64_t clock;     /* virtual nanoseconds since the start of the execution */
    uint32_t clock_reads;
    int64_t stalls;      /* time passes before these looks at a clock, a bit each: clock.c */
    uint8_t finalizes;   /* the collector is at work in an execution */
    int64_t turned;      /* these sets have the other order, a bit each: sets.h */
    uint64_t number;     /* of the execution */
    uint8_t two_crashes; /* a second crash may strike while the handler of the first runs */
    uint8_t sets;        /* what sets were gone through: see sets.h */
    uint32_t orders;     /* bits of those that have several orders, and RFH_ORDERS_OF_MORE where one has more than two; */
    uint64_t contents[RFH_SET_BITS]; /* and what is in the set of each bit, as a number; 0: none has it */
    uint8_t announces_switches; /* a handler may show something else than is allowed now: each thread that goes on is announced */
    uint32_t draws;     /* from the system's chance: see randomness.c */
    uint32_t left_out;  /* places with an effect that no thread was stopped at, since they are outside of the focus */
    uint64_t entered;   /* places of the focus whose code has run, a bit each */
    uint64_t progress;  /* grows with everything that happens: the explorer's watchdog looks at it */
    rfh_gate done;
    rfh_thread *threads[RFH_MAX_THREADS];
    PyObject *expected; /* replay: name -> number that stands for a thread which is not started yet (owned), or NULL */
    PyObject *watched[RFH_WATCHED]; /* objects that hold a secret, or weak references (owned), while it is noted where they move */
    uint32_t watches;
    uint64_t watch_sum; /* of them, at the last point */
    PyObject *failure;  /* the first exception of the listener (owned), or NULL */
    PyObject *listener; /* the Python side: see _hooks.pyi */
} rfh_control;

extern rfh_control rfh;
/* Read in functions of libc that stand in for others (interpose.h): they must neither call nor allocate for it. */
#define RFH_THREAD_LOCAL __thread __attribute__((tls_model("initial-exec")))
extern RFH_THREAD_LOCAL rfh_thread *rfh_me; /* the controlled thread that this OS thread is, or NULL */
extern PyObject *rfh_unwind;        /* exception type: leave the scenario (SystemExit) */
extern PyObject *rfh_injected;      /* exception type of by="exception" */

/* It runs the handler of a kill, and nothing of ours. */
static inline int rfh_is_atomic(const rfh_thread *t) { return t->atomic > 0 && t->quiet == t->atomic; }
/* True when calls of this OS thread are under control at this moment. */
static inline int rfh_controlled(void) { return rfh_me != NULL && rfh_me->quiet == 0; }

/* Is what the thread does part of a schedule? The body of the scenario is not, until it ends: there is nobody else. */
static inline int rfh_explored(const rfh_thread *t)
{
    return rfh.phase == RFH_EXPLORE || rfh.phase == RFH_AFTER || (rfh.phase == RFH_BODY && t->id != 0);
}

rfh_thread *rfh_add(PyObject *name, PyObject *callable, PyObject *args, PyObject *kwargs);
/* After an execution: what its threads were to call holds on to objects of the program. Before the next one: they are no more. */
void rfh_forget_calls(void);
void rfh_forget_threads(void);
/* Calls the listener's method; code of ours, quiet. Steals nothing. New reference or NULL. */
PyObject *rfh_announce(const char *method, const char *format, ...);
/* It returned NULL where nobody can be given the exception that is set: run() raises it when the execution has ended, for what
 * was seen of that means nothing. */
void rfh_listener_failed(void);
/* Whether it did; the exception is set then. */
int rfh_listener_raised(void);

#endif
