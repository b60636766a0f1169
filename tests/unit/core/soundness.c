/* Small random programs, explored by partial order reduction and by brute force: what comes out must be the same.
 *
 *     soundness FIRST COUNT [FILE]    programs FIRST to FIRST + COUNT - 1: prints what was run; exits 1 at the first that differs
 *
 * FILE: the tree of each is written there, between a line with its number and one with what came of it; whether outcomes
 * were lost stands there as well, and the next program follows.
 *
 * Brute force is a search of all states; what comes out of a program is its final states, what its crash handler saw, and
 * each state that a group of variables is ever in (as a dump of the memory would show it). Nothing is shared with the core
 * but the numbers of its kinds.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explore/explore.h"
#include "soundness_outcomes.h"

enum { STATES = 1 << 17, STEPS = 100, MOST = 1000 };

/* -- brute force */

static uint64_t visited[STATES];
static uint32_t states;

static void search(const program *p, const state *s, outcomes *out)
{
    int any = 0;
    if (!add(visited, STATES, hash_of(s, sizeof *s, 3))) {
        return;
    }
    if (++states > STATES / 2) {
        return;
    }
    see_groups(p, s, out);
    for (uint32_t t = 0; t < ALL && !s->over; t++) {
        for (uint32_t how = 0; how < 4; how++) {
            state after = *s;
            uint32_t crash = how == 2 ? CRASH : AGAIN;
            if (how == 0 ? !goes_on(p, s, t) : how == 1 ? !can_expire(p, s, t) : !may_strike(p, s, crash, t)) {
                continue;
            }
            any = 1;
            if (how >= 2) {
                fire(p, &after, crash, t);
            } else {
                carry_out(p, &after, t, how == 1);
            }
            search(p, &after, out);
        }
    }
    if (!any) {
        see_end(p, s, out);
    }
}

/* -- by the core */

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

static void show(const program *p)
{
    static const char *names[] = {"set", "load", "store", "half", "skip", "lock", "unlock", "down", "up", "wait", "signal", "exit",
                                  "show", "local", "spawn", "join", "try", "pass", "read_lock", "read_unlock", "die", "arm",
                                  "disarm", "yield", "await", "many", "kill"};
    printf("  crash %u again %u armed %u late %u recursive %u permits %u turn %u requeue %u vague %u groups %u fast %u\n", p->crash,
           p->again, p->armed, p->late, p->recursive, p->permits, p->turn, p->requeue, p->vague, p->groups, p->fast);
    for (uint32_t t = 0; t < ALL; t++) {
        printf(t >= CRASH ? "  crash %u:" : "  thread %u:", t);
        for (uint32_t i = 0; i < p->length[t]; i++) {
            printf(" %s %u %u;", names[p->code[t][i].kind], p->code[t][i].which, p->code[t][i].value);
        }
        printf("\n");
    }
}

/* The process has ended by a thread. What the others would do is asked all the same, and nothing comes of it. */
static void die(rf_core *core, const program *p, state *s, outcomes *out, uint8_t *told)
{
    see_end(p, s, out);
    s->gone[s->over - DIED] = 1;
    s->over = 0;
    for (uint32_t crash = CRASH; crash < ALL; crash++) {
        s->armed[crash] = 0;
        if (told[crash] == 1) {
            rf_withdraw(core, crash);
            told[crash] = 0;
        }
    }
    rf_died(core);
}

static void execute(rf_core *core, const program *p, outcomes *out)
{
    state s;
    uint8_t told[ALL] = {0};
    int dead = 0;
    rf_choice choice;
    begin(p, &s);
    see_groups(p, &s, out);
    choice = announce(core, p, &s, told, ALL - 1);
    while (choice.action != RF_NOTHING && choice.action != RF_STOP) {
        state before = s;
        told[choice.thread] = 0;
        if (choice.action == RF_FIRE) {
            told[choice.trigger] = 0;
            fire(p, &s, choice.trigger, choice.thread);
        } else {
            if (choice.action == RF_STEP) {
                touch(core, p, &s, choice.thread);
            }
            carry_out(p, &s, choice.thread, choice.action == RF_EXPIRE);
        }
        touch_ends(core, p, &before, &s, choice.thread);
        if (dead && s.over) {
            s.gone[choice.thread] = 1;
            s.over = s.over == 1;
        } else if (s.over >= DIED) {
            dead = 1;
            die(core, p, &s, out, told);
        }
        see_groups(p, &s, out);
        if (s.over) {
            break;
        }
        choice = announce(core, p, &s, told, choice.thread);
    }
    if (choice.action != RF_STOP && !dead) {
        see_end(p, &s, out);
    }
    rf_end(core, 0);
}

/* Does it have steps of this kind? */
static int has(const program *p, kind what)
{
    for (uint32_t t = 0; t < ALL; t++) {
        for (uint32_t i = 0; i < p->length[t]; i++) {
            if (p->code[t][i].kind == what) {
                return 1;
            }
        }
    }
    return 0;
}

static rf_stage stages[] = {
    {.policy = RF_DPOR, .share = 1, .after = -1},
    {.policy = RF_RANDOM, .share = 1, .after = -1, .limit = 20},
    {.policy = RF_DPOR, .share = 2, .after = -1},
    {.policy = RF_BOUNDED, .share = 1, .after = -1, .bound = 1},
};

static FILE *proofs;

static void keep_proof(rf_core *core)
{
    static char lines[2 * RF_LINE];
    uint32_t size;
    while (proofs != NULL && (size = rf_proof(core, lines, sizeof lines)) != 0) {
        fwrite(lines, 1, size, proofs);
    }
}

static rf_stage_report explore(rf_core *core, size_t size, const program *p, outcomes *found)
{
    const rf_limits limits = {.threads = ALL, .steps = STEPS, .frontier = 1 << 21, .replay = 1};
    static outcomes others;
    memset(core, 0, size);
    if (rf_init(core, stages, p->others ? 4 : 1, &limits, 1) != 0) {
        exit(3);
    }
    while (rf_begin(core) && rf_report(core, 0).executions < MOST) {
        execute(core, p, rf_get_status(core)->stage == 0 ? found : &others);
        keep_proof(core);
    }
    return rf_report(core, 0);
}

/* Of those that are not explored completely, and say so, what they found must be right all the same. */
static int is_right(const outcomes *found, const outcomes *expected, const rf_stage_report *report, const program *p)
{
    static outcomes both;
    if (report->exhausted && !report->cut) {
        return alike(found, expected);
    }
    both = *expected;
    for (uint32_t i = 0; i < OUTCOMES; i++) {
        both.count += found->entry[i] != 0 ? (uint32_t)add(both.entry, OUTCOMES, found->entry[i]) : 0;
    }
    return both.count == expected->count && (report->executions == MOST || has(p, AWAIT) || has(p, YIELD) || has(p, LOCK) || has(p, WAIT));
}

int main(int argc, char **argv)
{
    const rf_limits limits = {.threads = ALL, .steps = STEPS, .frontier = 1 << 21, .replay = 1};
    uint64_t first = argc > 1 ? strtoull(argv[1], NULL, 10) : 0;
    uint64_t count = argc > 2 ? strtoull(argv[2], NULL, 10) : 1000;
    uint64_t lost = 0;
    uint64_t executions = 0, repeated = 0, all_states = 0, complete = 0;
    size_t size = (rf_size(stages, 4, &limits) + 63) & ~(size_t)63;
    void *block = aligned_alloc(64, size);
    static outcomes expected, found;
    proofs = argc > 3 ? fopen(argv[3], "w") : NULL;
    stages[0].proof = proofs != NULL;
    for (uint64_t number = first; number < first + count; number++) {
        program p;
        state s;
        rf_stage_report report;
        make(&p, number);
        memset(&expected, 0, sizeof expected);
        memset(&found, 0, sizeof found);
        memset(visited, 0, sizeof visited);
        states = 0;
        begin(&p, &s);
        search(&p, &s, &expected);
        if (states > STATES / 4) {
            continue;
        }
        if (proofs != NULL) {
            fprintf(proofs, "program %llu\n", (unsigned long long)number);
        }
        report = explore(block, size, &p, &found);
        executions += report.executions;
        repeated += report.repeated;
        all_states += states;
        complete += report.exhausted && !report.cut;
        lost += !is_right(&found, &expected, &report, &p);
        if (proofs != NULL) {
            fprintf(proofs, "ended %llu %llu %d %d\n", (unsigned long long)report.executions, (unsigned long long)report.repeated,
                    report.exhausted && !report.cut, is_right(&found, &expected, &report, &p));
        } else if (lost > 0) {
            printf("program %llu: %u of %u outcomes, %llu executions, exhausted %d, cut %d\n", (unsigned long long)number,
                   found.count, expected.count, (unsigned long long)report.executions, report.exhausted, report.cut);
            show(&p);
            return 1;
        }
    }
    printf("%llu programs, %llu executions, %llu repeated, %llu states, %llu complete\n", (unsigned long long)count,
           (unsigned long long)executions, (unsigned long long)repeated, (unsigned long long)all_states,
           (unsigned long long)complete);
    free(block);
    return lost > 0;
}
