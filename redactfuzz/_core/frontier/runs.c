#include "frontier/runs.h"

/* -- what is open */

static uint64_t words_of(uint32_t threads)
{
    return (threads + 63) / 64;
}

uint64_t rf_collector_size(const rf_limits *limits)
{
    return RF_OPTIONS * sizeof(rf_run) * (uint64_t)limits->threads + (RF_OPTIONS + 1) * 8 * words_of(limits->threads);
}

void rf_collector_init(rf_core *core, rf_collector *collector, uint64_t offset)
{
    uint32_t threads = core->limits.threads;
    collector->open = offset;
    offset += RF_OPTIONS * sizeof(rf_run) * (uint64_t)threads;
    for (int i = 0; i <= RF_OPTIONS; i++) {
        rf_set *set = i < RF_OPTIONS ? &collector->going[i] : &collector->changed;
        set->words = (uint32_t)words_of(threads);
        set->offset = offset;
        offset += 8 * words_of(threads);
    }
}

void rf_collector_begin(rf_core *core, rf_collector *collector)
{
    for (uint32_t column = 0; column < RF_STRIKES + collector->strikers; column++) {
        rf_set_clear(core, &collector->going[column]);
    }
    rf_set_clear(core, &collector->changed);
    collector->strikers = 0;
    collector->displaced = RF_NO_THREAD;
    collector->went_on = 0;
    collector->closed = 0;
    collector->overflow = 0;
}

static rf_run *open_run(rf_core *core, const rf_collector *collector, uint32_t column, uint32_t thread)
{
    return RF_AT(core, collector->open, rf_run) + (uint64_t)column * core->limits.threads + thread;
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

static void close_one(rf_core *core, rf_collector *collector, uint32_t column, uint32_t thread, uint32_t step)
{
    const rf_run *run = open_run(core, collector, column, thread);
    put(core, collector, run->key, run->lo, step);
    rf_set_remove(core, &collector->going[column], thread);
}

static void close_all(rf_core *core, rf_collector *collector, uint32_t step)
{
    for (uint32_t column = 0; column < RF_STRIKES + collector->strikers; column++) {
        const rf_set *going = &collector->going[column];
        while (going->count > 0) {
            close_one(core, collector, column, rf_set_next(core, going, 0), step);
        }
    }
}

/* -- what a point adds */

static int strikes_any(rf_core *core, uint32_t trigger)
{
    const rf_slot *slot = rf_slot_of(core, trigger);
    return (slot->flags & RF_STRIKE) != 0 && slot->object == 0;
}

/* The column of a choice, and its thread there. RF_NONE: there are more strikers than columns. */
static uint32_t column_of(rf_core *core, rf_collector *collector, const rf_choice *choice, uint32_t *thread)
{
    uint32_t i = 0;
    *thread = choice->thread;
    if (choice->action != RF_FIRE) {
        return choice->action == RF_STEP ? RF_STEPS : RF_EXPIRIES;
    }
    if (!strikes_any(core, choice->trigger)) {
        *thread = choice->trigger;
        return RF_CRASHES;
    }
    while (i < collector->strikers && collector->striker[i] != choice->trigger) {
        i++;
    }
    if (i == RF_STRIKERS) {
        return RF_NONE;
    }
    if (i == collector->strikers) {
        collector->striker[collector->strikers++] = choice->trigger;
    }
    return RF_STRIKES + i;
}

static uint64_t key_of(const rf_collector *collector, const rf_choice *choice)
{
    return (uint64_t)collector->displaced << RF_OPTION_BITS | rf_pack(choice);
}

/* A choice that displaces a thread can be made here. */
static void go_on(rf_core *core, rf_collector *collector, const rf_choice *choice)
{
    uint32_t step = core->status.steps;
    uint64_t key = key_of(collector, choice);
    uint32_t thread;
    uint32_t column = column_of(core, collector, choice, &thread);
    rf_run *run;
    if (column == RF_NONE) {
        collector->overflow = 1;
        return;
    }
    run = open_run(core, collector, column, thread);
    if (rf_set_has(core, &collector->going[column], thread)) {
        if (run->key == key) {
            return;
        }
        close_one(core, collector, column, thread, step);
    }
    run->key = key;
    run->lo = step;
    rf_set_add(core, &collector->going[column], thread);
}

/* Closes what cannot be chosen any more. */
static void weed(rf_core *core, rf_collector *collector, const rf_point *point)
{
    for (uint32_t column = 0; column < RF_STRIKES + collector->strikers; column++) {
        const rf_set *going = &collector->going[column];
        for (uint32_t thread = rf_set_next(core, going, 0); thread != RF_NONE;
             thread = rf_set_next(core, going, thread + 1)) {
            rf_choice choice = rf_unpack(open_run(core, collector, column, thread)->key);
            if (!rf_is_option(core, point, &choice)) {
                close_one(core, collector, column, thread, core->status.steps);
            }
        }
    }
}

/* All choices from the cursor on. */
static void scan(rf_core *core, rf_collector *collector, const rf_point *point, rf_cursor cursor, int fires)
{
    uint32_t step = core->status.steps;
    rf_choice choice;
    while (rf_next_option(core, point, &cursor, &choice)) {
        if (rf_same(&choice, &point->preferred)) {
            continue;
        }
        if (!rf_preempts(core, point, &choice)) {
            put(core, collector, (uint64_t)RF_NO_THREAD << RF_OPTION_BITS | rf_pack(&choice), step, step + 1);
        } else if (fires || choice.action != RF_FIRE) {
            go_on(core, collector, &choice);
        }
    }
}

/* Can this choice, which would displace a thread, still be made? */
static void look_at(rf_core *core, rf_collector *collector, const rf_point *point, uint32_t column, rf_choice choice)
{
    if (rf_is_option(core, point, &choice) && !rf_same(&choice, &point->preferred)) {
        go_on(core, collector, &choice);
    } else if (rf_set_has(core, &collector->going[column], choice.thread)) {
        close_one(core, collector, column, choice.thread, core->status.steps);
    }
}

/* Threads were announced while another goes on: can they be chosen, or be struck? */
static void look_at_changed(rf_core *core, rf_collector *collector, const rf_point *point, int paid)
{
    const rf_set *changed = &collector->changed;
    for (uint32_t thread = rf_set_next(core, changed, 0); thread != RF_NONE;
         thread = rf_set_next(core, changed, thread + 1)) {
        if (paid) {
            look_at(core, collector, point, RF_STEPS, rf_pick(RF_STEP, thread, 0));
            look_at(core, collector, point, RF_EXPIRIES, rf_pick(RF_EXPIRE, thread, 0));
        }
        for (uint32_t i = 0; i < collector->strikers; i++) {
            look_at(core, collector, point, RF_STRIKES + i, rf_pick(RF_FIRE, thread, collector->striker[i]));
        }
    }
}

/* Triggers that strike one place only; whether they can depends on others than themselves. */
static void look_at_crashes(rf_core *core, rf_collector *collector, const rf_point *point)
{
    const rf_set *going = &collector->going[RF_CRASHES];
    for (uint32_t trigger = rf_set_next(core, going, 0); trigger != RF_NONE;
         trigger = rf_set_next(core, going, trigger + 1)) {
        rf_choice choice = rf_unpack(open_run(core, collector, RF_CRASHES, trigger)->key);
        if (!rf_is_option(core, point, &choice)) {
            close_one(core, collector, RF_CRASHES, trigger, core->status.steps);
        }
    }
    for (uint32_t trigger = rf_set_next(core, &core->armed, 0); trigger != RF_NONE;
         trigger = rf_set_next(core, &core->armed, trigger + 1)) {
        rf_cursor cursor = {2, 0, trigger};
        rf_choice choice;
        if (!strikes_any(core, trigger) && rf_next_option(core, point, &cursor, &choice)
            && choice.trigger == trigger) {
            go_on(core, collector, &choice);
        }
    }
}

void rf_collector_pended(rf_core *core, rf_collector *collector, uint32_t thread)
{
    if (rf_slot_of(core, thread)->state == RF_SLOT_ARMED) {
        collector->went_on = 0;
    } else if (thread != core->current) {
        rf_set_add(core, &collector->changed, thread);
    }
}

void rf_collect(rf_core *core, rf_collector *collector, const rf_point *point, int paid, int strike)
{
    uint32_t displaced = point->preferred.action == RF_STEP ? point->preferred.thread : RF_NO_THREAD;
    int stays = point->goes_on && displaced == collector->displaced && point->local == collector->local;
    int fires = (paid || strike) && core->armed.count > 0;
    if (collector->closed >= core->scratch_count) {
        collector->overflow = 1; /* nothing more fits */
        return;
    }
    if (!stays) {
        close_all(core, collector, core->status.steps);
    }
    collector->displaced = displaced;
    collector->local = point->local;
    paid = paid && !point->local; /* there, nobody but a crash can displace it */
    if (stays && collector->went_on && collector->round == core->round) {
        if (paid || fires) {
            look_at_changed(core, collector, point, paid);
        }
        if (fires) {
            look_at_crashes(core, collector, point);
        }
    } else {
        rf_cursor all = {0, 0, RF_NONE};
        rf_cursor crashes = {2, 0, rf_set_next(core, &core->armed, 0)};
        if (stays) {
            weed(core, collector, point);
        }
        scan(core, collector, point, point->goes_on && !paid ? crashes : all, fires);
    }
    rf_set_clear(core, &collector->changed);
    collector->round = core->round;
    collector->went_on = point->goes_on;
}

/* -- in order */

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
