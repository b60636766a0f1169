/* Small random programs, explored by partial order reduction and by brute force: what comes out must be the same.
 *
 *     soundness FIRST COUNT    programs FIRST to FIRST + COUNT - 1: prints what was run; exits 1 at the first that differs
 *
 * Brute force is a search of all states; what comes out of a program is its final states, what its crash handler saw, and
 * each state that a group of variables is ever in (as a dump of the memory would show it). Nothing is shared with the core
 * but the numbers of its kinds.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explore/explore.h"

enum { THREADS = 3, CRASH = THREADS, OPS = 6, VARS = 4, LOCKS = 2, GROUPS = 2, STATES = 1 << 19, OUTCOMES = 1 << 16 };

typedef enum kind {
    SET, LOAD, STORE, HALF, SKIP, LOCK, UNLOCK, DOWN, UP, WAIT, SIGNAL, EXIT, SHOW, KINDS
} kind;

typedef struct op {
    uint8_t kind;
    uint8_t which;
    uint8_t value; /* HALF: which; WAIT: its limit, 0: none */
} op;

typedef struct program {
    op code[THREADS + 1][OPS + 1]; /* the last one is the crash handler */
    uint8_t length[THREADS + 1];
    uint8_t threads;
    uint8_t crash;  /* 0: none; 1: a thread of its own; 2: strikes any; 3: strikes thread 0 */
    uint8_t groups; /* variables 0 and 1, and 2 and 3, are looked at together whenever one is written */
} program;

/* All bytes, so that it can be compared and hashed. */
typedef struct state {
    uint8_t at[THREADS + 1];
    uint8_t in_handler[THREADS + 1]; /* 1 + place in it */
    uint8_t reg[THREADS + 1];
    uint8_t var[VARS];
    uint8_t held[LOCKS];
    uint8_t count[LOCKS];
    uint8_t queue[THREADS + 1]; /* of those who wait for the condition, in order: 1 + thread */
    uint8_t waits[THREADS + 1]; /* 1: in the queue, 2: was signalled */
    uint8_t armed;
    uint8_t over;
    uint8_t seen[4];
} state;

static uint64_t drawn;

static uint32_t below(uint32_t n)
{
    drawn += 0x9e3779b97f4a7c15u;
    uint64_t x = drawn;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return (uint32_t)((x ^ x >> 31) >> 33) % n;
}

static op some(kind what, uint32_t which, uint32_t value)
{
    op made = {(uint8_t)what, (uint8_t)which, (uint8_t)value};
    return made;
}

static void make(program *p, uint64_t number)
{
    static const uint8_t often[] = {SET, SET, LOAD, LOAD, STORE, STORE, HALF, SKIP, UNLOCK, DOWN, UP, WAIT, SIGNAL, LOCK};
    memset(p, 0, sizeof *p);
    drawn = number * 0x2545f4914f6cdd1du;
    p->threads = (uint8_t)(2 + below(2));
    p->groups = (uint8_t)below(2);
    for (uint32_t t = 0; t < p->threads; t++) {
        uint32_t length = 1 + below(p->threads == 2 ? 5 : 3);
        uint8_t *n = &p->length[t];
        while (*n < length) {
            kind what = (kind)often[below(sizeof often)];
            if (what == SKIP && *n == 0) {
                continue; /* a thread has a step */
            }
            if (what == LOCK && *n + 3u <= length) {
                uint32_t which = below(LOCKS);
                p->code[t][(*n)++] = some(LOCK, which, 0);
                p->code[t][(*n)++] = some(below(2) ? SET : STORE, below(VARS), 1 + below(3));
                p->code[t][(*n)++] = some(UNLOCK, which, 0);
            } else {
                uint32_t which = below(what == WAIT || what == SIGNAL ? 1 : what >= LOCK ? LOCKS : VARS);
                p->code[t][(*n)++] = some(what, which, what == WAIT ? below(2) * (1 + t) : below(2) + 1);
            }
        }
        if (below(25) == 0) {
            p->code[t][(*n)++] = some(EXIT, 0, 0);
        }
    }
    if (below(3) == 0) {
        p->crash = (uint8_t)(1 + below(3));
        for (uint32_t i = below(3); i-- > 0;) {
            p->code[CRASH][p->length[CRASH]++] = some(SHOW, below(VARS), 0);
        }
        p->code[CRASH][p->length[CRASH]++] = below(2) ? some(EXIT, 0, 0) : some(SHOW, VARS, 0); /* VARS: all of them */
    }
}

/* -- what a program does */

static const op *next_op(const program *p, const state *s, uint32_t thread)
{
    if (s->in_handler[thread] && s->in_handler[thread] - 1u < p->length[CRASH]) {
        return &p->code[CRASH][s->in_handler[thread] - 1];
    }
    return thread < p->threads && s->at[thread] < p->length[thread] ? &p->code[thread][s->at[thread]] : NULL;
}

/* 0: it can go on. */
static int is_blocked(const program *p, const state *s, uint32_t thread)
{
    const op *next = next_op(p, s, thread);
    switch (next == NULL ? KINDS : (kind)next->kind) {
    case LOCK:
        return s->held[next->which];
    case DOWN:
        return s->count[next->which] == 0;
    case WAIT:
        return s->waits[thread] == 1;
    default:
        return 0;
    }
}

static int can_expire(const program *p, const state *s, uint32_t thread)
{
    const op *next = next_op(p, s, thread);
    return next != NULL && next->kind == WAIT && next->value != 0 && s->waits[thread] == 1;
}

static void leave_queue(state *s, uint32_t thread)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i <= THREADS; i++) {
        if (s->queue[i] != 0 && s->queue[i] != thread + 1) {
            s->queue[kept++] = s->queue[i];
        }
    }
    while (kept <= THREADS) {
        s->queue[kept++] = 0;
    }
}

/* Goes on behind what was done, over what is skipped. */
static void advance(const program *p, state *s, uint32_t thread)
{
    const op *next;
    if (s->in_handler[thread] == 0) {
        s->at[thread]++;
    } else if (s->in_handler[thread]++ == p->length[CRASH]) {
        s->in_handler[thread] = 0;
    }
    while ((next = next_op(p, s, thread)) != NULL && next->kind == SKIP) {
        s->at[thread] = (uint8_t)(s->at[thread] + (s->reg[thread] == 0 ? 2 : 1));
    }
}

static void see(state *s, uint8_t value)
{
    uint32_t hash = (uint32_t)s->seen[0] | (uint32_t)s->seen[1] << 8 | (uint32_t)s->seen[2] << 16 | (uint32_t)s->seen[3] << 24;
    hash = (hash * 31 + value + 1) * 2654435761u;
    s->seen[0] = (uint8_t)hash;
    s->seen[1] = (uint8_t)(hash >> 8);
    s->seen[2] = (uint8_t)(hash >> 16);
    s->seen[3] = (uint8_t)(hash >> 24);
}

static void carry_out(const program *p, state *s, uint32_t thread, int expires)
{
    const op *now = next_op(p, s, thread);
    uint8_t *var = &s->var[now->which % VARS];
    switch ((kind)now->kind) {
    case SET:
        *var = now->value;
        break;
    case LOAD:
        s->reg[thread] = *var;
        break;
    case STORE:
        *var = (uint8_t)(s->reg[thread] + 1);
        break;
    case HALF:
        *var = (uint8_t)(now->value == 1 ? (*var & 0xf0) | thread : (*var & 0x0f) | thread << 4);
        break;
    case LOCK:
        s->held[now->which] = 1;
        break;
    case UNLOCK: /* by anybody */
        s->held[now->which] = 0;
        break;
    case DOWN:
        s->count[now->which]--;
        break;
    case UP:
        s->count[now->which]++;
        break;
    case WAIT:
        if (s->waits[thread] == 0) {
            leave_queue(s, thread);
            for (uint32_t i = 0; i <= THREADS; i++) {
                if (s->queue[i] == 0) {
                    s->queue[i] = (uint8_t)(thread + 1);
                    break;
                }
            }
            s->waits[thread] = 1;
            return;
        }
        s->reg[thread] = (uint8_t)(expires ? 9 : 8);
        s->waits[thread] = 0;
        leave_queue(s, thread);
        break;
    case SIGNAL:
        if (s->queue[0] != 0) {
            uint32_t woken = s->queue[0] - 1u;
            s->waits[woken] = 2;
            leave_queue(s, woken);
        }
        break;
    case EXIT:
        s->over = 1;
        break;
    case SHOW:
        for (uint32_t i = 0; i < VARS; i++) {
            if (now->which == VARS || now->which == i) {
                see(s, s->var[i]);
            }
        }
        break;
    default:
        break;
    }
    advance(p, s, thread);
}

static void fire(state *s, uint32_t thread)
{
    s->armed = 0;
    s->in_handler[thread] = 1;
}

/* May the crash strike this thread now, by the rules of explore.h? */
static int may_strike(const program *p, const state *s, uint32_t thread)
{
    int going = 0;
    int there = 0;
    if (!s->armed || p->crash == 1) {
        return s->armed && thread == CRASH;
    }
    for (uint32_t t = 0; t < THREADS; t++) {
        going += next_op(p, s, t) != NULL && !is_blocked(p, s, t);
        there += next_op(p, s, t) != NULL;
    }
    if (p->crash == 3) {
        return thread == (next_op(p, s, 0) != NULL ? 0 : CRASH);
    }
    if (there == 0) {
        return thread == CRASH;
    }
    return thread != CRASH && next_op(p, s, thread) != NULL && (going == 0 || !is_blocked(p, s, thread));
}

/* -- what comes out: a set of hashes */

typedef struct outcomes {
    uint64_t entry[OUTCOMES];
    uint32_t count;
} outcomes;

static uint64_t hash_of(const void *bytes, size_t size, uint64_t hash)
{
    for (size_t i = 0; i < size; i++) {
        hash = (hash + ((const uint8_t *)bytes)[i] + 0x9e3779b97f4a7c15u) * 0xbf58476d1ce4e5b9u;
        hash ^= hash >> 29;
    }
    return hash == 0 ? 1 : hash;
}

static int add(uint64_t *table, uint32_t size, uint64_t hash)
{
    uint32_t at = (uint32_t)(hash * 0x9e3779b97f4a7c15u >> 40) & (size - 1);
    while (table[at] != 0 && table[at] != hash) {
        at = (at + 1) & (size - 1);
    }
    if (table[at] == hash) {
        return 0;
    }
    table[at] = hash;
    return 1;
}

/* Are those of one set the same as those of the other? */
static int alike(const outcomes *one, const outcomes *other)
{
    static outcomes copy;
    copy = *one;
    for (uint32_t i = 0; i < OUTCOMES; i++) {
        if (other->entry[i] != 0 && add(copy.entry, OUTCOMES, other->entry[i])) {
            return 0;
        }
    }
    return one->count == other->count;
}

static void see_groups(const program *p, const state *s, outcomes *out)
{
    for (uint32_t group = 0; p->groups && group < GROUPS; group++) {
        out->count += (uint32_t)add(out->entry, OUTCOMES, hash_of(s->var + 2 * group, 2, 77 + group));
    }
}

static void see_end(const state *s, outcomes *out)
{
    out->count += (uint32_t)add(out->entry, OUTCOMES, hash_of(s, sizeof *s, 1));
}

static void begin(const program *p, state *s)
{
    memset(s, 0, sizeof *s);
    s->armed = p->crash != 0;
}

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
        printf("too many states\n");
        exit(2);
    }
    see_groups(p, s, out);
    for (uint32_t t = 0; t <= THREADS && !s->over; t++) {
        for (uint32_t how = 0; how < 3; how++) {
            state after = *s;
            int possible = how == 0 ? next_op(p, s, t) != NULL && !is_blocked(p, s, t) : how == 1 ? can_expire(p, s, t) : may_strike(p, s, t);
            if (!possible) {
                continue;
            }
            any = 1;
            if (how == 2) {
                fire(&after, t);
            } else {
                carry_out(p, &after, t, how == 1);
            }
            search(p, &after, out);
        }
    }
    if (!any) {
        see_end(s, out);
    }
}

/* -- by the core */

static rf_event event_of(const op *next, const state *s, uint32_t thread)
{
    static const uint8_t kinds[KINDS] = {
        [SET] = RF_WRITE, [LOAD] = RF_READ, [STORE] = RF_WRITE, [HALF] = RF_WRITE, [LOCK] = RF_ACQUIRE, [UNLOCK] = RF_RELEASE,
        [DOWN] = RF_ACQUIRE, [UP] = RF_RELEASE, [WAIT] = RF_WAIT, [SIGNAL] = RF_SIGNAL, [EXIT] = RF_OPAQUE, [SHOW] = RF_READ,
    };
    rf_event event = {.kind = kinds[next->kind], .site = 1u + 16u * thread + s->at[thread] + 8u * (s->in_handler[thread] != 0)};
    switch ((kind)next->kind) {
    case LOCK:
    case UNLOCK:
        event.object = 10u + next->which;
        break;
    case DOWN:
    case UP:
        event.object = 20u + next->which;
        break;
    case WAIT:
        event.kind = s->waits[thread] == 0 ? RF_RMW : RF_WAIT;
        event.deadline = next->value;
        event.object = 30;
        break;
    case SIGNAL:
        event.object = 30;
        break;
    default: /* two halves each: what overlaps does not begin at the same place */
        event.object = next->kind == SHOW && next->which == VARS ? RF_OBJECT_UNKNOWN : 1u + next->which;
        event.size = 2;
        if (next->kind == HALF) {
            event.offset = next->value - 1u;
            event.size = 1;
        }
    }
    return event;
}

static void announce(rf_core *core, const program *p, const state *s, uint8_t *told)
{
    if (s->armed && !told[CRASH]) {
        rf_event crash = {.kind = RF_CRASH, .site = 9};
        crash.flags = p->crash == 1 ? 0 : RF_STRIKE;
        crash.object = p->crash == 3 ? 1 : 0;
        rf_pend(core, CRASH, &crash);
        told[CRASH] = 1;
    }
    for (uint32_t t = 0; t <= THREADS; t++) {
        const op *next = next_op(p, s, t);
        uint8_t what;
        rf_event event;
        if (next == NULL || (t == CRASH && s->armed)) {
            continue;
        }
        what = (uint8_t)(2 + is_blocked(p, s, t));
        if (told[t] == what) {
            continue;
        }
        told[t] = what;
        event = event_of(next, s, t);
        if (what == 3) {
            event.flags = can_expire(p, s, t) ? RF_TIMED : 0;
            rf_block(core, t, event.object, &event);
        } else {
            rf_pend(core, t, &event);
        }
    }
}

static void touch(rf_core *core, const program *p, const state *s, uint32_t thread)
{
    const op *now = next_op(p, s, thread);
    rf_event event = event_of(now, s, thread);
    if (now->kind == UNLOCK || now->kind == UP) {
        int room = now->kind == UNLOCK ? !s->held[now->which] : s->count[now->which] > 0;
        event.room = room ? RF_ROOM : RF_ROOM_NONE;
        rf_touch(core, thread, &event);
    } else if (p->groups && (now->kind == SET || now->kind == STORE || now->kind == HALF)) {
        rf_event group = {.kind = RF_WRITE, .object = 100u + now->which / 2u};
        rf_touch(core, thread, &group);
    }
}

static void show(const program *p)
{
    static const char *names[] = {"set", "load", "store", "half", "skip", "lock", "unlock", "down", "up", "wait", "signal", "exit", "show"};
    for (uint32_t t = 0; t <= THREADS; t++) {
        printf(t == CRASH ? "  crash %u:" : "  thread %u:", t == CRASH ? p->crash : t);
        for (uint32_t i = 0; i < p->length[t]; i++) {
            printf(" %s %u %u;", names[p->code[t][i].kind], p->code[t][i].which, p->code[t][i].value);
        }
        printf("\n");
    }
}

static void execute(rf_core *core, const program *p, outcomes *out)
{
    state s;
    uint8_t told[THREADS + 1] = {0};
    begin(p, &s);
    see_groups(p, &s, out);
    announce(core, p, &s, told);
    while (!s.over) {
        rf_choice choice = rf_choose(core);
        if (choice.action == RF_NOTHING || choice.action == RF_STOP) {
            break;
        }
        told[choice.thread] = 0;
        if (choice.action == RF_FIRE) {
            fire(&s, choice.thread);
        } else {
            if (choice.action == RF_STEP) {
                touch(core, p, &s, choice.thread);
            }
            carry_out(p, &s, choice.thread, choice.action == RF_EXPIRE);
        }
        see_groups(p, &s, out);
        if (!s.over) {
            announce(core, p, &s, told);
        }
    }
    see_end(&s, out);
    rf_end(core, 0);
}

int main(int argc, char **argv)
{
    const rf_limits limits = {.threads = THREADS + 1, .steps = 500, .frontier = 1 << 20, .replay = 1};
    const rf_stage stage = {.policy = RF_DPOR, .share = 1, .after = -1};
    uint64_t first = argc > 1 ? strtoull(argv[1], NULL, 10) : 0;
    uint64_t count = argc > 2 ? strtoull(argv[2], NULL, 10) : 1000;
    uint64_t executions = 0;
    uint64_t repeated = 0;
    uint64_t all_states = 0;
    size_t size = (rf_size(&stage, 1, &limits) + 63) & ~(size_t)63;
    void *block = aligned_alloc(64, size);
    static outcomes expected, found;
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
        memset(block, 0, size);
        if (rf_init(block, &stage, 1, &limits, 1) != 0) {
            return 3;
        }
        while (rf_begin(block)) {
            execute(block, &p, &found);
        }
        report = rf_report(block, 0);
        executions += report.executions;
        repeated += report.repeated;
        all_states += states;
        if (!alike(&found, &expected) || !report.exhausted || report.cut) {
            printf("program %llu: %u of %u outcomes, %llu executions, exhausted %d, cut %d\n", (unsigned long long)number,
                   found.count, expected.count, (unsigned long long)report.executions, report.exhausted, report.cut);
            show(&p);
            return 1;
        }
    }
    printf("%llu programs, %llu executions, %llu repeated, %llu states\n", (unsigned long long)count,
           (unsigned long long)executions, (unsigned long long)repeated, (unsigned long long)all_states);
    free(block);
    return 0;
}
