/* Small random programs: what they are made of, and how they are drawn. */
#ifndef SOUNDNESS_DRAW_H
#define SOUNDNESS_DRAW_H

#include <stdint.h>
#include <string.h>

enum { KILLING = 1000000000, AIMING = 2000000000 };
enum { THREADS = 3, CRASH = THREADS, AGAIN = CRASH + 1, ALL = AGAIN + 1, OPS = 6, VARS = 4, LOCKS = 2, GROUPS = 2 };

typedef enum kind {
    SET, LOAD, STORE, HALF, SKIP, LOCK, UNLOCK, DOWN, UP, WAIT, SIGNAL, EXIT, SHOW, /* those of the first programs */
    LOCAL, SPAWN, JOIN, TRY, PASS, READ_LOCK, READ_UNLOCK, DIE, ARM, DISARM, YIELD, AWAIT, MANY, KILL, KINDS
} kind;

typedef struct op {
    uint8_t kind;
    uint8_t which;
    uint8_t value; /* HALF: which; WAIT, LOCK: a limit of time, 0: none; LOCAL: 2: a dump can see it */
} op;

typedef struct program {
    op code[ALL][OPS + 1]; /* the last two are the crash handlers */
    uint8_t length[ALL];
    uint8_t threads;
    uint8_t crash;     /* 0: none; 1: a thread of its own; 2: strikes any; 3: strikes thread 0 */
    uint8_t again;     /* the same of a second crash, which is armed when the first strikes */
    uint8_t armed;     /* the first is from the beginning */
    uint8_t groups;    /* variables 0 and 1, and 2 and 3, are looked at together whenever one is written */
    uint8_t late;      /* threads that somebody has to start, a bit each */
    uint8_t recursive; /* locks that their holder may take again, a bit each */
    uint8_t permits;   /* of the semaphores, at first */
    uint8_t turn;      /* waits end in turn only */
    uint8_t requeue;   /* who was signalled waits for lock 0 before it goes on */
    uint8_t vague;     /* what is announced says nothing; all is reported */
    uint8_t stride;    /* objects of variables are so many times 1024 apart */
    uint8_t size;      /* that a whole variable is said to have: 0, 2 or 8 */
    uint8_t fast;      /* the core is asked by rf_step */
    uint8_t aims;      /* a crash that strikes any has to do with its victim alone, */
    uint8_t dies;      /* and EXIT with how far the process is from its end: what others would still do is seen */
    uint8_t others;    /* stages beside the reduction's */
} program;

/* -- drawing one */

static uint64_t drawn;

static uint32_t below(uint32_t n)
{
    drawn += 0x9e3779b97f4a7c15u;
    uint64_t x = drawn;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return (uint32_t)((x ^ x >> 31) >> 33) % n;
}

static void append(program *p, uint32_t thread, kind what, uint32_t which, uint32_t value)
{
    op made = {(uint8_t)what, (uint8_t)which, (uint8_t)value};
    p->code[thread][p->length[thread]++] = made;
}

static void append_some(program *p, uint32_t t, kind what)
{
    uint32_t which = below(what >= LOCK ? LOCKS : VARS);
    uint32_t value = below(2) + 1;
    if (what == WAIT || what == SIGNAL) {
        which = 0;
    } else if (what == AWAIT) {
        which = below(VARS);
    } else if (what == JOIN || what == SPAWN || what == KILL) {
        which = (t + 1 + below(p->threads - 1u)) % p->threads;
    } else if (what == ARM || what == DISARM) {
        which = CRASH;
    }
    if (what == SPAWN) {
        p->late |= (uint8_t)(t != 0 || which == 0 ? 0 : 1u << which);
    }
    append(p, t, what, which, what == WAIT || what == LOCK ? below(2) * (1 + t) : value);
}

static void make_threads(program *p, const uint8_t *often, uint32_t many)
{
    for (uint32_t t = 0; t < p->threads; t++) {
        uint32_t length = 1 + below(p->threads == 2 ? 5 : 3);
        while (p->length[t] < length) {
            kind what = (kind)often[below(many)];
            if ((what == SKIP || what == LOCAL) && p->length[t] == 0) {
                continue; /* a thread has a step, and starts with one that others notice */
            }
            if ((what == LOCK || what == READ_LOCK) && p->length[t] + 3u <= length) {
                uint32_t which = below(LOCKS);
                append(p, t, what, which, what == LOCK && below(4) == 0);
                append_some(p, t, below(2) ? SET : STORE);
                append(p, t, what == LOCK ? UNLOCK : READ_UNLOCK, which, 0);
            } else {
                append_some(p, t, what);
            }
        }
        if (below(p->dies ? 4 : 25) == 0) {
            append(p, t, EXIT, 0, 0);
        }
    }
}

static void make_handler(program *p, uint32_t crash)
{
    for (uint32_t i = below(3); i-- > 0;) {
        append(p, crash, SHOW, below(VARS), 0);
    }
    if (below(2)) {
        append(p, crash, EXIT, 0, 0);
    } else {
        append(p, crash, SHOW, VARS, 0); /* VARS: all of them */
    }
}

/* Four programs in five are drawn from a few kinds of steps only, so that these meet. In those from KILLING on threads end one
 * another, and what they announce says nothing: what those would have done that never do it is known to nobody. In those from
 * AIMING on crashes and ends of the process are what they are for programs in C whose handler ends it. */
static void make(program *p, uint64_t number)
{
    static const uint8_t plain[] = {SET, SET, LOAD, LOAD, STORE, STORE, HALF, SKIP, UNLOCK, DOWN, UP, WAIT, SIGNAL, LOCK};
    static const uint8_t rare[] = {LOCK, UNLOCK, DOWN, UP, WAIT, SIGNAL, LOCAL, SPAWN, JOIN, TRY, PASS, READ_LOCK, READ_UNLOCK,
                                   DIE, ARM, DISARM, YIELD, AWAIT, MANY, KILL, LOCAL, LOCK};
    static const uint8_t killing[] = {SET, LOAD, STORE, HALF, KILL};
    static const uint8_t sizes[] = {2, 0, 8};
    uint8_t often[20] = {SET};
    uint32_t many = 1;
    memset(p, 0, sizeof *p);
    drawn = number * 0x2545f4914f6cdd1du;
    p->threads = (uint8_t)(2 + below(2));
    p->groups = (uint8_t)below(2);
    p->crash = (uint8_t)(below(3) == 0 ? 1 + below(3) : 0);
    p->again = (uint8_t)(p->crash != 0 && below(12) == 0 ? 1 + below(3) : 0);
    p->armed = below(4) != 0;
    p->recursive = (uint8_t)below(4);
    p->permits = (uint8_t)(below(2) * below(3));
    p->turn = below(3) == 0;
    p->requeue = below(4) == 0;
    p->vague = below(4) == 0;
    p->stride = (uint8_t)below(2);
    p->size = sizes[below(3)];
    p->fast = (uint8_t)below(2);
    p->others = below(16) == 0;
    if (number >= AIMING) {
        p->aims = 1;
        p->dies = below(4) != 0;
        p->groups &= !p->dies; /* what a dump would show is not looked at once a crash runs code */
        p->crash = below(8) == 0 ? 0 : 2;
        p->again = (uint8_t)(p->crash != 0 && below(4) == 0 ? 2 : 0);
    }
    if (number >= KILLING && number < AIMING) {
        p->vague = 1;
        make_threads(p, killing, sizeof killing);
    } else if (below(5) == 0) {
        make_threads(p, plain, sizeof plain);
    } else {
        for (uint32_t i = 2 + below(4); i-- > 0;) {
            often[many++] = plain[below(8)];
            often[many++] = rare[below(sizeof rare)];
        }
        make_threads(p, often, many);
    }
    make_handler(p, CRASH);
    make_handler(p, AGAIN);
    for (uint32_t i = 0; i < OPS * p->threads; i++) { /* while somebody spins time passes */
        p->turn &= p->code[i / OPS][i % OPS].kind != AWAIT;
    }
}

#endif
