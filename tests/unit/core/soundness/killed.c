/* A reduction whose process was killed in the midst of its code. Argument: the execution at whose end that is found; 0: none.
 * Prints how many executions there were, and whether the space was gone through.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explore/explore.h"
#include "policies/policy.h"
#include "reduce/reduce.h"

enum { THREADS = 3 };

static void execution(rf_core *core)
{
    const rf_event event = {.site = 1, .kind = RF_WRITE, .object = 1};
    for (uint32_t i = 0; i < THREADS; i++) {
        rf_pend(core, i, &event);
    }
    while (rf_choose(core).action == RF_STEP) {
    }
}

int main(int argc, char **argv)
{
    const uint32_t killed = argc > 1 ? (uint32_t)atoi(argv[1]) : 0;
    rf_stage stage = {.policy = RF_DPOR, .after = -1, .share = 1};
    const rf_limits limits = {.threads = THREADS, .steps = 100, .frontier = 4u << 20};
    const size_t size = rf_size(&stage, 1, &limits);
    uint32_t executions = 0;
    rf_core *core = aligned_alloc(64, (size + 63) / 64 * 64);
    if (core == NULL) {
        return 1;
    }
    memset(core, 0, size);
    if (rf_init(core, &stage, 1, &limits, 1) != 0) {
        return 1;
    }
    while (rf_begin(core)) {
        execution(core);
        uint64_t offset = rf_running_stage(core)->offset;
        RF_AT(core, offset, rf_reduction)->within = ++executions == killed;
        rf_end(core, 0);
    }
    printf("%u %u\n", executions, (unsigned)rf_report(core, 0).exhausted);
    free(core);
    return 0;
}
