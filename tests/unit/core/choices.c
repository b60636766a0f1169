/* Counts what a choice costs among many threads, in basic blocks run (the compiler calls us at each): a number that is the
 * same on every machine. Arguments: policy, threads, whether each step wakes another thread. Prints blocks a choice.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explore/explore.h"

enum { STEPS = 12, EXECUTIONS = 4, SHARING = 8 /* threads that use one object */ };

static unsigned long blocks;

__attribute__((no_sanitize_coverage)) void __sanitizer_cov_trace_pc(void);
__attribute__((no_sanitize_coverage)) void __sanitizer_cov_trace_pc(void) { blocks++; }

static rf_event event_of(uint32_t thread, int left)
{
    rf_event event = {0};
    event.site = 1000 + (uint64_t)left;
    event.kind = left % 2 ? RF_WRITE : RF_READ;
    event.object = 1 + thread / SHARING;
    return event;
}

static void wake(rf_core *core, uint32_t thread, int left)
{
    rf_event event = event_of(thread, left);
    rf_block(core, thread, event.object, &event);
    rf_pend(core, thread, &event);
}

/* One execution; returns its number of choices. */
static unsigned long execution(rf_core *core, uint32_t threads, int wakes, int *left)
{
    unsigned long steps = 0;
    rf_choice choice;
    for (uint32_t i = 0; i < threads; i++) {
        rf_event event = event_of(i, STEPS);
        left[i] = STEPS;
        rf_pend(core, i, &event);
    }
    for (choice = rf_choose(core); choice.action == RF_STEP; steps++) {
        uint32_t me = choice.thread;
        uint32_t other = (me + 1) % threads;
        rf_event event = event_of(me, --left[me]);
        if (wakes && left[other] > 0) {
            wake(core, other, left[other]);
        }
        choice = left[me] > 0 ? rf_step(core, me, &event) : rf_choose(core);
    }
    return steps;
}

int main(int argc, char **argv)
{
    rf_stage stage = {0};
    rf_limits limits = {0};
    unsigned long steps = 0;
    unsigned long spent = 0;
    uint32_t threads = argc > 2 ? (uint32_t)atoi(argv[2]) : 2;
    int wakes = argc > 3 && atoi(argv[3]);
    int *left = calloc(threads, sizeof *left);
    size_t size;
    void *block;
    stage.policy = (uint8_t)(argc > 1 ? atoi(argv[1]) : 0);
    stage.depth = 3;
    stage.after = -1;
    stage.share = 1;
    stage.bound = 1;
    limits.threads = threads;
    limits.steps = threads * (STEPS + 1);
    limits.frontier = 64u << 20;
    size = rf_size(&stage, 1, &limits);
    block = aligned_alloc(64, size);
    if (left == NULL || block == NULL) {
        return 1;
    }
    memset(block, 0, size);
    if (rf_init(block, &stage, 1, &limits, 1) != 0) {
        return 1;
    }
    for (int i = 0; i < EXECUTIONS && rf_begin(block); i++) {
        blocks = 0;
        steps += execution(block, threads, wakes, left);
        spent += blocks;
        rf_end(block, 0);
    }
    printf("%.1f\n", (double)spent / (double)steps);
    free(block);
    free(left);
    return 0;
}
