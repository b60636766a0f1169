/* Small random programs, explored by partial order reduction and by brute force: what comes out must be the same.
 *
 *     soundness FIRST COUNT [FILE [PARTS PIECES [every]]]
 *                                     programs FIRST to FIRST + COUNT - 1: prints what was run; exits 1 at the first that differs
 *
 * FILE: the tree of each is written there, between a line with its number and one with what came of it; whether outcomes
 * were lost stands there as well, and the next program follows. (Empty: nowhere.) PARTS: the space of each is gone through in so many
 * parts, of PIECES (see choices/pieces.h), and what they come to together is compared; `every`: of every schedule, without reduction.
 *
 * Brute force is a search of all states; what comes out of a program is its final states, what its crash handler saw, and
 * each state that a group of variables is ever in (as a dump of the memory would show it). Nothing is shared with the core
 * but the numbers of its kinds.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explore/explore.h"
#include "outcomes.h"
#include "told.h"

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
    /* What comes once the reduction has ended says nothing of it, and may go on for millions of executions. */
    while (rf_begin(core) && !rf_report(core, 0).finished && rf_report(core, 0).executions < MOST) {
        execute(core, p, rf_get_status(core)->stage == 0 ? found : &others);
        keep_proof(core);
    }
    return rf_report(core, 0);
}

/* One part of the space after the other, each by itself: together they are as good as the whole. */
static rf_stage_report explore_parts(rf_core *core, size_t size, const program *p, outcomes *found)
{
    rf_stage_report all = {.exhausted = 1};
    stages[0].part = 0;
    do {
        rf_stage_report report = explore(core, size, p, found);
        all.executions = report.executions == MOST ? MOST : all.executions == MOST ? MOST : all.executions + report.executions;
        all.repeated += report.repeated;
        all.exhausted &= report.exhausted;
        all.cut |= report.cut;
    } while (++stages[0].part < stages[0].parts);
    return all;
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
    proofs = argc > 3 && argv[3][0] != 0 ? fopen(argv[3], "w") : NULL;
    stages[0].proof = proofs != NULL;
    stages[0].parts = (uint16_t)(argc > 4 ? strtoull(argv[4], NULL, 10) : 0);
    stages[0].pieces = (uint16_t)(argc > 5 ? strtoull(argv[5], NULL, 10) : 0);
    stages[0].policy = argc > 6 ? RF_EXHAUSTIVE : RF_DPOR;
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
        report = explore_parts(block, size, &p, &found);
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
