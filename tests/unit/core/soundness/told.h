/* What the core is told of a program: what each thread is about to do, and what a step has touched. */
#ifndef SOUNDNESS_TOLD_H
#define SOUNDNESS_TOLD_H

#include "explore/explore.h"
#include "model.h"

static uint32_t variable(const program *p, uint32_t which)
{
    return 1u + which + 1024u * which * p->stride;
}

static rf_event event_of(const program *p, const state *s, uint32_t thread)
{
    static const uint8_t kinds[KINDS] = {
        [SET] = RF_WRITE, [LOAD] = RF_READ, [STORE] = RF_WRITE, [HALF] = RF_WRITE, [LOCK] = RF_ACQUIRE, [UNLOCK] = RF_RELEASE,
        [DOWN] = RF_ACQUIRE, [UP] = RF_RELEASE, [WAIT] = RF_WAIT, [SIGNAL] = RF_SIGNAL, [EXIT] = RF_OPAQUE, [SHOW] = RF_READ,
        [LOCAL] = RF_WRITE, [SPAWN] = RF_RMW, [JOIN] = RF_JOIN, [TRY] = RF_READ, [PASS] = RF_WAIT, [READ_LOCK] = RF_ACQUIRE,
        [READ_UNLOCK] = RF_RELEASE, [DIE] = RF_WRITE, [ARM] = RF_WRITE, [DISARM] = RF_WRITE, [YIELD] = RF_READ, [AWAIT] = RF_READ,
        [MANY] = RF_WRITE, [KILL] = RF_RMW,
    };
    const op *next = next_op(p, s, thread);
    rf_event event = {.kind = kinds[next->kind], .site = 1u + 16u * thread + s->at[thread] + 8u * (s->in_handler[thread] != 0)};
    switch ((kind)next->kind) {
    case LOCK:
        event.flags = next->value == 0 ? 0 : p->turn ? RF_TIMED | RF_IN_TURN : RF_TIMED;
        event.deadline = next->value;
        event.object = 10u + next->which;
        break;
    case UNLOCK:
    case TRY:
    case READ_LOCK:
    case READ_UNLOCK:
        event.object = 10u + next->which;
        break;
    case DOWN:
    case UP:
    case PASS:
        event.object = 20u + next->which;
        break;
    case WAIT:
        event.kind = s->waits[thread] == 0 ? RF_RMW : s->waits[thread] == 2 && p->requeue ? RF_ACQUIRE : RF_WAIT;
        event.flags = next->value == 0 || s->waits[thread] != 1 ? 0 : p->turn ? RF_TIMED | RF_IN_TURN : RF_TIMED;
        event.deadline = next->value;
        event.object = event.kind == RF_ACQUIRE ? 10 : 30;
        break;
    case SIGNAL:
        event.object = 30;
        break;
    case SPAWN:
    case JOIN:
    case KILL:
        event.object = 40u + next->which;
        break;
    case ARM:
    case DISARM:
        event.object = 60;
        break;
    case EXIT:
        event.kind = p->dies ? RF_RMW : RF_OPAQUE;
        event.object = p->dies ? RF_OBJECT_DEATH : 0;
        break;
    case LOCAL:
        event.flags = next->value == 2 ? RF_LOCAL | RF_VISIBLE : RF_LOCAL;
        event.object = 70u + thread;
        break;
    case YIELD:
        event.flags = RF_YIELD;
        break;
    default: /* two halves each: what overlaps does not begin at the same place */
        event.object = next->kind == SHOW && next->which == VARS ? RF_OBJECT_UNKNOWN : variable(p, next->which);
        event.flags = next->kind == AWAIT ? RF_YIELD | RF_LOOP : 0;
        event.size = p->size;
        if (next->kind == HALF) {
            event.offset = next->value - 1u;
            event.size = 1;
        }
    }
    return event;
}

static int is_data(const op *now)
{
    return now->kind == SET || now->kind == LOAD || now->kind == STORE || now->kind == HALF || now->kind == SHOW;
}

/* What it announces: where that is vague, something of its own. */
static rf_event announced(const program *p, const state *s, uint32_t thread)
{
    rf_event event = event_of(p, s, thread);
    rf_event own = {.kind = RF_READ, .object = 900u + thread, .site = event.site};
    return p->vague && is_data(next_op(p, s, thread)) ? own : event;
}

static void arm(rf_core *core, const program *p, const state *s, uint8_t *told)
{
    for (uint32_t crash = CRASH; crash < ALL; crash++) {
        uint32_t how = crash == CRASH ? p->crash : p->again;
        rf_event event = {.kind = RF_CRASH, .flags = how >= 2 ? RF_STRIKE : 0, .object = how == 3 ? 1 : p->aims ? RF_OBJECT_DEATH : 0};
        if (s->armed[crash] && told[crash] != 1) {
            rf_pend(core, crash, &event);
            told[crash] = 1;
        } else if (!s->armed[crash] && told[crash] == 1) {
            rf_withdraw(core, crash);
            told[crash] = 0;
        }
    }
}

/* Tells the core what each thread is about to do, where that is new. The one that ran comes last: it may ask at once. */
static rf_choice announce(rf_core *core, const program *p, const state *s, uint8_t *told, uint32_t ran)
{
    arm(core, p, s, told);
    for (uint32_t i = 1; i <= ALL; i++) {
        uint32_t t = (ran + i) % ALL;
        uint8_t what;
        rf_event event;
        if (t >= CRASH && told[t] == 1) {
            continue;
        }
        if (next_op(p, s, t) == NULL) {
            if (told[t] >= 2) {
                rf_withdraw(core, t);
                told[t] = 0;
            }
            continue;
        }
        what = (uint8_t)(2 + is_blocked(p, s, t) + 2 * (s->waits[t] == 2));
        if (told[t] == what) {
            continue;
        }
        told[t] = what;
        event = announced(p, s, t);
        if (is_blocked(p, s, t)) {
            rf_block(core, t, event.object, &event);
        } else if (p->fast && t == ran) {
            return rf_step(core, t, &event);
        } else {
            rf_pend(core, t, &event);
        }
    }
    return rf_choose(core);
}

static void touch_many(rf_core *core, uint32_t thread)
{
    for (uint32_t i = 0; i < 300; i++) {
        rf_event event = {.kind = RF_WRITE, .object = 500u + i};
        rf_touch(core, thread, &event);
    }
}

/* What a step touches beside what it announced. */
static void touch(rf_core *core, const program *p, const state *s, uint32_t thread)
{
    const op *now = next_op(p, s, thread);
    rf_event event = event_of(p, s, thread);
    int writes = now->kind == SET || now->kind == STORE || now->kind == HALF || now->kind == MANY || now->kind == DIE;
    if (now->kind == UNLOCK || now->kind == UP) {
        int room = now->kind == UP ? s->count[now->which] > 0 : !s->held[now->which] && !s->readers[now->which];
        event.room = room ? RF_ROOM : RF_ROOM_NONE;
        rf_touch(core, thread, &event);
    } else if (now->kind == TRY && !is_taken(p, s, thread, now->which)) {
        event.kind = RF_ACQUIRE;
        rf_touch(core, thread, &event);
    } else if (now->kind == MANY) {
        touch_many(core, thread);
    }
    if (p->vague && is_data(now)) {
        rf_touch(core, thread, &event);
    }
    if (p->groups && writes) {
        rf_event group = {.kind = RF_WRITE, .object = 100u + now->which / 2u};
        rf_touch(core, thread, &group);
    }
}

/* Whoever came to an end by a step lets go of those who wait for that. */
static void touch_ends(rf_core *core, const program *p, const state *before, const state *s, uint32_t thread)
{
    for (uint32_t t = 0; t < p->threads; t++) {
        rf_event event = {.kind = RF_END, .object = 40u + t};
        if (has_ended(p, s, t) != has_ended(p, before, t)) {
            rf_touch(core, thread, &event);
        }
    }
}

#endif
