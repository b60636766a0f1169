#include "runs.h"

static rf_run *open_runs(rf_core *core, const rf_collector *collector, uint32_t which)
{
    return RF_AT(core, collector->open[which], rf_run);
}

static void put(rf_core *core, rf_collector *collector, uint64_t key, uint32_t lo, uint32_t hi)
{
    rf_run *runs = RF_AT(core, core->scratch, rf_run);
    rf_run run = {key, lo, hi};
    if (collector->closed >= core->scratch_count) {
        collector->overflow = 1;
        return;
    }
    runs[collector->closed++] = run;
}

static void close_all(rf_core *core, rf_collector *collector, uint32_t step)
{
    const rf_run *open = open_runs(core, collector, collector->which);
    for (uint32_t i = 0; i < collector->count; i++) {
        put(core, collector, open[i].key, open[i].lo, step);
    }
    collector->count = 0;
}

void rf_collect(rf_core *core, rf_collector *collector, const rf_point *point, int paid, int strike)
{
    uint32_t step = core->status.steps;
    uint32_t displaced = point->preferred.action == RF_STEP ? point->preferred.thread : RF_NO_THREAD;
    rf_cursor cursor = {0, 0, RF_NONE};
    rf_choice choice;
    const rf_run *old;
    rf_run *fresh;
    uint32_t at = 0;
    uint32_t count = 0;
    if (!point->goes_on || displaced != collector->displaced) {
        close_all(core, collector, step);
    }
    collector->displaced = displaced;
    old = open_runs(core, collector, collector->which);
    fresh = open_runs(core, collector, collector->which ^ 1u);
    while (rf_next_option(core, point, &cursor, &choice)) {
        int fires = choice.action == RF_FIRE;
        uint64_t key = rf_pack(&choice);
        if (rf_same(&choice, &point->preferred)) {
            continue;
        }
        if (!rf_preempts(core, point, &choice)) {
            put(core, collector, (uint64_t)RF_NO_THREAD << RF_OPTION_BITS | key, step, step + 1);
            continue;
        }
        if (!(paid || (fires && strike))) {
            continue;
        }
        key |= (uint64_t)displaced << RF_OPTION_BITS;
        for (; at < collector->count && old[at].key < key; at++) {
            put(core, collector, old[at].key, old[at].lo, step);
        }
        if (count >= collector->capacity) {
            collector->overflow = 1;
            continue;
        }
        fresh[count].key = key;
        fresh[count].lo = step;
        if (at < collector->count && old[at].key == key) {
            fresh[count].lo = old[at++].lo;
        }
        count++;
    }
    for (; at < collector->count; at++) {
        put(core, collector, old[at].key, old[at].lo, step);
    }
    collector->which ^= 1u;
    collector->count = count;
}

static int before(const rf_run *a, const rf_run *b)
{
    int free_a = a->key >> RF_OPTION_BITS == RF_NO_THREAD;
    int free_b = b->key >> RF_OPTION_BITS == RF_NO_THREAD;
    if (free_a && free_b && a->lo != b->lo) {
        return a->lo < b->lo;
    }
    return a->key != b->key ? a->key < b->key : a->lo < b->lo;
}

static void sift(rf_run *runs, uint32_t root, uint32_t count)
{
    rf_run moved = runs[root];
    for (;;) {
        uint32_t child = 2 * root + 1;
        if (child >= count) {
            break;
        }
        if (child + 1 < count && before(&runs[child], &runs[child + 1])) {
            child++;
        }
        if (!before(&moved, &runs[child])) {
            break;
        }
        runs[root] = runs[child];
        root = child;
    }
    runs[root] = moved;
}

uint32_t rf_collected(rf_core *core, rf_collector *collector)
{
    rf_run *runs = RF_AT(core, core->scratch, rf_run);
    close_all(core, collector, core->status.steps);
    for (uint32_t i = collector->closed / 2; i-- > 0;) {
        sift(runs, i, collector->closed);
    }
    for (uint32_t last = collector->closed; last-- > 1;) {
        rf_run top = runs[0];
        runs[0] = runs[last];
        runs[last] = top;
        sift(runs, 0, last);
    }
    return collector->closed;
}
