/* Small random programs, and what each of their steps does: shared by the two that explore them in soundness.c. */
#ifndef SOUNDNESS_MODEL_H
#define SOUNDNESS_MODEL_H

#include <stdint.h>
#include <string.h>

#include "draw.h"

/* All bytes, so that it can be compared and hashed. */
typedef struct state {
    uint8_t at[ALL];
    uint8_t noticed[ALL];    /* where it stood after its last step that anybody notices */
    uint8_t in_handler[ALL]; /* 1 + place in it, */
    uint8_t handler[ALL];    /* that of this crash */
    uint8_t reg[ALL];
    uint8_t mine[ALL];       /* what its steps that nobody notices left */
    uint8_t stack[ALL];      /* the same of those that only a dump sees */
    uint8_t started[ALL];
    uint8_t gone[ALL];       /* was killed by another thread */
    uint8_t var[VARS];
    uint8_t held[LOCKS];     /* 1 + thread */
    uint8_t depth[LOCKS];
    uint8_t readers[LOCKS];
    uint8_t count[LOCKS];
    uint8_t queue[ALL]; /* of those who wait for the condition, in order: 1 + thread */
    uint8_t waits[ALL]; /* 1: in the queue, 2: was signalled */
    uint8_t armed[ALL];
    uint8_t fired[ALL];
    uint8_t over;
    uint8_t seen[ALL][4]; /* by each handler: they do not see one another */
} state;

/* -- where it stands */

static const op *next_op(const program *p, const state *s, uint32_t thread)
{
    uint32_t crash = s->handler[thread];
    if (s->gone[thread]) {
        return NULL;
    }
    if (s->in_handler[thread] && s->in_handler[thread] - 1u < p->length[crash]) {
        return &p->code[crash][s->in_handler[thread] - 1];
    }
    return thread < p->threads && s->started[thread] && s->at[thread] < p->length[thread] ? &p->code[thread][s->at[thread]] : NULL;
}

/* Is it through with everything that it will ever do? */
static int has_ended(const program *p, const state *s, uint32_t thread)
{
    return s->gone[thread] || (s->started[thread] && next_op(p, s, thread) == NULL);
}

static int is_taken(const program *p, const state *s, uint32_t thread, uint32_t lock)
{
    int again = s->held[lock] == thread + 1 && (p->recursive & 1u << lock) != 0;
    return (s->held[lock] && !again) || s->readers[lock] != 0;
}

/* 0: it can go on. */
static int is_blocked(const program *p, const state *s, uint32_t thread)
{
    const op *next = next_op(p, s, thread);
    switch (next == NULL ? KINDS : (kind)next->kind) {
    case LOCK:
        return is_taken(p, s, thread, next->which);
    case READ_LOCK:
        return s->held[next->which] != 0;
    case DOWN:
        return s->count[next->which] == 0;
    case PASS:
        return s->count[next->which] < next->value;
    case WAIT:
        return s->waits[thread] == 1 || (s->waits[thread] == 2 && p->requeue && is_taken(p, s, thread, 0));
    case JOIN:
        return !has_ended(p, s, next->which);
    default:
        return 0;
    }
}

static int goes_on(const program *p, const state *s, uint32_t thread)
{
    return next_op(p, s, thread) != NULL && !is_blocked(p, s, thread);
}

static int is_timed(const program *p, const state *s, uint32_t thread)
{
    const op *next = next_op(p, s, thread);
    return next != NULL && next->value != 0 && is_blocked(p, s, thread)
           && (next->kind == LOCK || (next->kind == WAIT && s->waits[thread] == 1));
}

/* Those that end in turn wait until nobody else goes on, or ends earlier. */
static int can_expire(const program *p, const state *s, uint32_t thread)
{
    int first = 1;
    for (uint32_t t = 0; t < ALL && p->turn; t++) {
        if (goes_on(p, s, t)) {
            first = 0;
        } else if (t != thread && is_timed(p, s, t) && is_timed(p, s, thread)) {
            uint32_t limit = next_op(p, s, t)->value;
            uint32_t own = next_op(p, s, thread)->value;
            first &= own < limit || (own == limit && thread < t);
        }
    }
    return first && is_timed(p, s, thread);
}

/* May this crash strike that thread now, by the rules of explore.h? */
static int may_strike(const program *p, const state *s, uint32_t crash, uint32_t thread)
{
    uint32_t how = crash == CRASH ? p->crash : p->again;
    int going = 0;
    int there = 0;
    if (!s->armed[crash] || how == 1) {
        return s->armed[crash] && thread == crash;
    }
    for (uint32_t t = 0; t < ALL; t++) {
        going += goes_on(p, s, t);
        there += next_op(p, s, t) != NULL;
    }
    if (how == 3) {
        return thread == (next_op(p, s, 0) != NULL ? 0 : crash);
    }
    if (there == 0) {
        return thread == crash;
    }
    return next_op(p, s, thread) != NULL && (going == 0 || !is_blocked(p, s, thread));
}

/* -- what it does */

static void leave_queue(state *s, uint32_t thread)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < ALL; i++) {
        if (s->queue[i] != 0 && s->queue[i] != thread + 1) {
            s->queue[kept++] = s->queue[i];
        }
    }
    while (kept < ALL) {
        s->queue[kept++] = 0;
    }
}

/* Goes on behind what was done, over what is skipped. */
static void advance(const program *p, state *s, uint32_t thread)
{
    const op *next;
    uint8_t was = next_op(p, s, thread)->kind;
    if (s->in_handler[thread] == 0) {
        s->at[thread]++;
    } else if (s->in_handler[thread]++ == p->length[s->handler[thread]]) {
        s->in_handler[thread] = 0;
    }
    while ((next = next_op(p, s, thread)) != NULL && next->kind == SKIP) {
        s->at[thread] = (uint8_t)(s->at[thread] + (s->reg[thread] == 0 ? 2 : 1));
    }
    s->noticed[thread] = was == LOCAL || was == YIELD ? s->noticed[thread] : s->at[thread];
}

static void see(state *s, uint32_t crash, uint32_t value)
{
    uint32_t hash;
    memcpy(&hash, s->seen[crash], sizeof hash);
    hash = (hash * 31 + value + 1) * 2654435761u;
    memcpy(s->seen[crash], &hash, sizeof hash);
}

static void begin_to_wait(state *s, uint32_t thread)
{
    for (uint32_t i = 0; i < ALL; i++) {
        if (s->queue[i] == 0) {
            s->queue[i] = (uint8_t)(thread + 1);
            break;
        }
    }
    s->waits[thread] = 1;
}

static void take(state *s, uint32_t thread, uint32_t lock)
{
    s->held[lock] = (uint8_t)(thread + 1);
    s->depth[lock]++;
}

static void release(const program *p, state *s, uint32_t thread, uint32_t lock)
{
    if ((p->recursive & 1u << lock) == 0) { /* by anybody */
        s->held[lock] = s->depth[lock] = 0;
    } else if (s->held[lock] == thread + 1 && --s->depth[lock] == 0) {
        s->held[lock] = 0;
    }
}

static void wait_on(const program *p, state *s, uint32_t thread, int expires)
{
    if (s->waits[thread] == 2 && p->requeue) {
        take(s, thread, 0);
    }
    s->reg[thread] = (uint8_t)(expires ? 9 : 8);
    s->waits[thread] = 0;
    leave_queue(s, thread);
}

static void show_vars(state *s, uint32_t crash, uint32_t which)
{
    for (uint32_t i = 0; i < VARS; i++) {
        if (which == VARS || which == i) {
            see(s, crash, s->var[i]);
        }
    }
}

/* Returns 0 when the thread stays where it is. */
static int synchronise(const program *p, state *s, uint32_t thread, const op *now, int expires)
{
    switch ((kind)now->kind) {
    case LOCK:
        if (expires) {
            s->reg[thread] = 7;
        } else {
            take(s, thread, now->which);
        }
        break;
    case UNLOCK:
        release(p, s, thread, now->which);
        break;
    case TRY:
        s->reg[thread] = !is_taken(p, s, thread, now->which);
        if (s->reg[thread]) {
            take(s, thread, now->which);
        }
        break;
    case READ_LOCK:
        s->readers[now->which]++;
        break;
    case READ_UNLOCK:
        s->readers[now->which] = (uint8_t)(s->readers[now->which] - (s->readers[now->which] != 0));
        break;
    case DOWN:
        s->count[now->which]--;
        break;
    case UP:
        s->count[now->which]++;
        break;
    case WAIT:
        if (s->waits[thread] == 0) {
            begin_to_wait(s, thread);
            return 0;
        }
        wait_on(p, s, thread, expires);
        break;
    case SIGNAL:
        if (s->queue[0] != 0) {
            uint32_t woken = s->queue[0] - 1u;
            s->waits[woken] = 2;
            leave_queue(s, woken);
        }
        break;
    default:
        break;
    }
    return 1;
}

/* What threads do to one another, and to the process. */
static void rule(const program *p, state *s, const op *now)
{
    switch ((kind)now->kind) {
    case EXIT:
    case DIE:
        s->over = 1;
        break;
    case SPAWN:
        s->started[now->which] = 1;
        break;
    case KILL:
        if (s->started[now->which] && !has_ended(p, s, now->which)) {
            s->gone[now->which] = 1;
            leave_queue(s, now->which);
        }
        break;
    case ARM:
        s->armed[CRASH] = p->crash != 0 && !s->fired[CRASH];
        break;
    case DISARM:
        s->armed[CRASH] = 0;
        break;
    default:
        break;
    }
}

enum { DIED = 2 /* and the thread: s->over of a process that has ended by EXIT, where what others would do is seen */ };

static void carry_out(const program *p, state *s, uint32_t thread, int expires)
{
    const op *now = next_op(p, s, thread);
    uint8_t *var = &s->var[now->which % VARS];
    switch ((kind)now->kind) {
    case SET:
    case MANY:
    case DIE:
        *var = now->value;
        break;
    case LOAD:
        s->reg[thread] = *var;
        break;
    case AWAIT:
        if (*var == 0) {
            return;
        }
        break;
    case STORE:
        *var = (uint8_t)(s->reg[thread] + 1);
        break;
    case HALF:
        *var = (uint8_t)(now->value == 1 ? (*var & 0xf0) | thread : (*var & 0x0f) | thread << 4);
        break;
    case LOCAL:
        (now->value == 2 ? s->stack : s->mine)[thread]++;
        break;
    case SHOW:
        show_vars(s, s->handler[thread], now->which);
        break;
    default:
        break;
    }
    if (synchronise(p, s, thread, now, expires)) {
        advance(p, s, thread);
        rule(p, s, now);
        s->over = (uint8_t)(p->dies && now->kind == EXIT ? DIED + thread : s->over);
    }
}

/* A crash shows what a dump would, and where it struck. */
static void fire(const program *p, state *s, uint32_t crash, uint32_t thread)
{
    uint32_t how = crash == CRASH ? p->crash : p->again;
    for (uint32_t t = 0; t < ALL; t++) {
        if (!p->aims || t == thread) {
            see(s, crash, s->stack[t]);
        }
    }
    if (how != 1) {
        see(s, crash, thread * 64u + s->at[thread] * 8u + s->mine[thread]);
    }
    s->armed[crash] = 0;
    s->fired[crash] = 1;
    s->in_handler[thread] = 1;
    s->handler[thread] = (uint8_t)crash;
    if (crash == CRASH && p->again != 0) {
        s->armed[AGAIN] = 1;
    }
}

static void begin(const program *p, state *s)
{
    memset(s, 0, sizeof *s);
    s->armed[CRASH] = p->crash != 0 && p->armed;
    s->count[0] = s->count[1] = p->permits;
    for (uint32_t t = 0; t < p->threads; t++) {
        s->started[t] = (p->late & 1u << t) == 0;
    }
}

/* When it is over, or a thread was killed, nobody knows whether it had taken steps that nobody notices. */
static void forget_unseen(const program *p, state *s)
{
    for (uint32_t t = 0; t < p->threads; t++) {
        s->at[t] = s->noticed[t];
        s->mine[t] = s->stack[t] = 0;
    }
}

#endif
