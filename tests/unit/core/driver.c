/* Runs random programs through every policy, with limits that are sometimes far too small. Built with sanitizers by
 * test_sanitizers.py; prints what it did, and exits 1 when a rule of the core is broken.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explore/explore.h"

enum { THREADS = 12, SITES = 40 };

static uint64_t state = 1;

static uint32_t below(uint32_t n)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 33) % n;
}

typedef struct thread {
    int left;    /* steps */
    int status;  /* 0 gone, 1 enabled, 2 blocked, 3 timed, 4 armed */
    uint64_t site;
} thread;

static void die(const char *what)
{
    printf("broken: %s\n", what);
    exit(1);
}

/* What a thread does next follows from `program` alone, so that the same schedule gives the same events. */
static rf_event event_of(uint64_t program, int number, const thread *it)
{
    uint64_t hash = (program * 31 + (uint64_t)number * 131 + (uint64_t)it->left * 17) * 0x9e3779b97f4a7c15u;
    rf_event event = {0};
    event.site = 1 + hash % SITES;
    event.kind = (uint8_t)(RF_READ + (hash >> 8) % 5);
    event.object = (uint32_t)((hash >> 16) % 3);
    event.offset = (uint32_t)((hash >> 20) % 3);
    event.flags = (uint8_t)((hash >> 24) % 16 == 0 ? RF_YIELD : (hash >> 28) % 8 == 0 ? RF_LOOP : (hash >> 32) % 4 ? 0 : RF_VISIBLE);
    event.deadline = (hash >> 40) % 100;
    return event;
}

static void announce(rf_core *core, uint64_t program, thread *threads, int number)
{
    thread *it = &threads[number];
    rf_event event = event_of(program, number, it);
    uint64_t what = (event.site * 7 + (uint64_t)it->left) % 12;
    if (it->left == 0) {
        it->status = 0;
    } else if (what < 2) {
        it->status = 2 + (int)what;
        event.flags = what == 1 ? RF_TIMED : 0;
        rf_block(core, (uint32_t)number, 1, &event);
    } else {
        it->status = 1;
        rf_pend(core, (uint32_t)number, &event);
    }
}

static void execution(rf_core *core, uint64_t program, int count, int stop_at)
{
    thread threads[THREADS] = {{0, 0, 0}};
    int steps = 0;
    for (int i = 0; i < count; i++) {
        threads[i].left = 1 + (int)((program >> i) % 7);
        announce(core, program, threads, i);
    }
    for (int i = count; i < count + (int)(program % 3); i++) {
        rf_event crash = {0};
        crash.site = 1000;
        crash.kind = RF_CRASH;
        crash.flags = (program >> 3) % 2 ? RF_STRIKE : 0;
        crash.object = (uint32_t)((program >> 5) % 3);
        threads[i].status = 4;
        threads[i].left = 3;
        rf_pend(core, (uint32_t)i, &crash);
    }
    for (;;) {
        rf_choice choice = rf_choose(core);
        thread *it = &threads[choice.thread];
        if (choice.action == RF_NOTHING || choice.action == RF_STOP || steps++ == stop_at) {
            break;
        }
        if (choice.thread >= THREADS) {
            die("a thread that does not exist");
        }
        if (choice.action == RF_STEP && it->status != 1) {
            die("a step of a thread that is not enabled");
        }
        if (choice.action == RF_EXPIRE && it->status != 3) {
            die("an expiry of a thread that does not wait");
        }
        if (choice.action == RF_FIRE) {
            if (threads[choice.trigger].status != 4) {
                die("a trigger that is not armed");
            }
            threads[choice.trigger].status = 0;
        } else {
            it->left--;
        }
        announce(core, program, threads, choice.thread);
        for (int i = 0; i < count; i++) { /* a step lets somebody go now and then */
            if (threads[i].status >= 2 && threads[i].status <= 3 && (i + it->left) % 3 == 0) {
                rf_event event = event_of(program, i, &threads[i]);
                threads[i].status = 1;
                rf_pend(core, (uint32_t)i, &event);
            }
        }
    }
    rf_end(core, 0);
}

int main(int argc, char **argv)
{
    unsigned long executions = 0;
    unsigned long steps = 0;
    int rounds = argc > 1 ? atoi(argv[1]) : 100;
    state = 88172645463325252u;
    for (int round = 0; round < rounds; round++) {
        rf_stage stages[10];
        rf_limits limits = {THREADS + below(80), 5 + below(200), below(4) ? 64 + below(4096) : 1 << 20, below(8)};
        uint32_t count = 1 + below(10);
        uint64_t program = (uint64_t)below(1u << 30) << 20 | below(1u << 20);
        int threads = 1 + (int)below(4);
        size_t size;
        void *block;
        memset(stages, 0, sizeof stages);
        for (uint32_t i = 0; i < count; i++) {
            stages[i].policy = (uint8_t)below(RF_REPLAY + 1);
            stages[i].granularity = (uint8_t)below(3);
            stages[i].first = (uint8_t)(below(4) == 0);
            stages[i].depth = (uint8_t)below(6);
            stages[i].after = (int16_t)(i > 0 && below(3) == 0 ? (int)below(i) : -1);
            stages[i].share = (uint16_t)(1 + below(4));
            stages[i].bound = (int32_t)below(4);
            stages[i].strike = (uint8_t)below(2);
            stages[i].limit = 1 + below(60);
        }
        size = rf_size(stages, count, &limits);
        if (size == 0 || (block = aligned_alloc(64, size)) == NULL) {
            die("no size, or no memory");
        }
        memset(block, 0, size);
        if (rf_init(block, stages, count, &limits, below(1000)) != 0) {
            die("refused");
        }
        {
            rf_deviation deviations[8];
            memset(deviations, 0, sizeof deviations);
            for (uint32_t i = 0; i < limits.replay; i++) {
                deviations[i].site = 1 + below(SITES);
                deviations[i].nth = 1;
                deviations[i].thread = (uint16_t)below(5);
                deviations[i].target = (uint16_t)below(5);
                deviations[i].action = (uint8_t)(1 + below(3));
            }
            if (rf_replay(block, deviations, limits.replay) != 0) {
                die("a replay within the limit is refused");
            }
        }
        while (rf_begin(block)) {
            /* Now and then another program: what an enumeration relies on is gone. */
            execution(block, below(50) ? program : program + below(9), threads, below(9) ? -1 : (int)below(9));
            executions++;
            steps += rf_get_status(block)->steps;
        }
        for (uint32_t i = 0; i < count; i++) {
            rf_stage_report report = rf_report(block, i);
            if (report.exhausted && report.truncated) {
                die("exhausted though truncated");
            }
        }
        free(block);
    }
    printf("%lu executions, %lu steps\n", executions, steps);
    return 0;
}
