/* core_counter THREADS: t = x; x = t + 1 in the core alone, one schedule of each class. Prints executions and seconds of the processor. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "explore/explore.h"

enum { MOST = 5, STEPS = 2 * MOST + 2 };

static rf_choice told(rf_core *core, uint32_t thread, uint32_t at)
{
    const rf_event event = {.kind = at == 0 ? RF_READ : RF_WRITE, .object = 1, .site = 1 + 2 * thread + at};
    return rf_step(core, thread, &event);
}

static void execute(rf_core *core, uint32_t threads)
{
    uint32_t at[MOST] = {0};
    rf_choice choice;
    for (uint32_t t = 0; t < threads; t++) {
        const rf_event event = {.kind = RF_READ, .object = 1, .site = 1 + 2 * t};
        rf_pend(core, t, &event);
    }
    choice = rf_choose(core);
    while (choice.action == RF_STEP) {
        uint32_t now = ++at[choice.thread];
        choice = now < 2 ? told(core, choice.thread, now) : rf_choose(core);
    }
    rf_end(core, 0);
}

int main(int count, char **arguments)
{
    const rf_stage stage = {.policy = RF_DPOR, .share = 1, .after = -1};
    const rf_limits limits = {.threads = MOST, .steps = STEPS, .frontier = 1 << 21, .replay = 1};
    uint32_t threads = count > 1 ? (uint32_t)atoi(arguments[1]) : MOST;
    size_t size = (rf_size(&stage, 1, &limits) + 63) & ~(size_t)63;
    rf_core *core = aligned_alloc(64, size);
    clock_t before = clock();
    if (core == NULL || threads > MOST) {
        return 1;
    }
    memset(core, 0, size);
    if (rf_init(core, &stage, 1, &limits, 1) != 0) {
        return 1;
    }
    while (rf_begin(core)) {
        execute(core, threads);
    }
    printf("%llu %.6f\n", (unsigned long long)rf_report(core, 0).executions, (double)(clock() - before) / CLOCKS_PER_SEC);
    free(core);
    return 0;
}
