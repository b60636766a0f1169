#include "reduce/reduce.h"

#include <string.h>

/* Of a clock only the processes that there are count (rf_behind). */
static void join(const rf_reduction *r, uint32_t *clock, const uint32_t *other)
{
    for (uint32_t i = 0; i < r->processes; i++) {
        clock[i] = clock[i] > other[i] ? clock[i] : other[i];
    }
}

/* Does that step come before everything that has this clock? */
static int is_before(const rf_behind *step, const uint32_t *clock)
{
    return clock[step->process] >= step->number;
}

/* -- what has to be explored */

/* The processes that can come first when what follows `from`, and does not depend on it, is run in its place, up to the later
 * step, which raced with it. */
static uint64_t initials(rf_core *core, const rf_reduction *r, uint32_t from, const rf_later *later)
{
    const rf_behind *steps = rf_steps(core, r);
    uint32_t first[RF_PROCESSES];
    uint64_t seen = 0;
    uint64_t found = 0;
    for (uint32_t k = from + 1; k <= later->step; k++) {
        uint32_t own = k == later->step ? later->process : steps[k].process;
        const uint32_t *at = k == later->step ? later->clock : steps[k].clock;
        uint64_t rest = seen;
        if ((k != later->step && is_before(&steps[from], at)) || (seen & rf_bit(own)) != 0) {
            continue;
        }
        while (rest != 0 && at[rf_first_of(rest)] < first[rf_first_of(rest)]) {
            rest &= rest - 1;
        }
        found |= rest == 0 ? rf_bit(own) : 0;
        seen |= rf_bit(own);
        first[own] = k == later->step ? UINT32_MAX : steps[k].number;
    }
    return found;
}

/* The later step is to come before that of the node. Where none of those that come first could go on there, it cannot. */
static void reverse(rf_core *core, rf_reduction *r, uint32_t node, const rf_later *later)
{
    rf_node *there = rf_nodes(core, r) + node;
    uint64_t first = initials(core, r, node, later);
    uint64_t can = first & there->able;
    if ((first & (there->todo | there->done)) != 0) {
        return;
    }
    if (can != 0) {
        rf_count_conflict(core, r, node, later);
        there->todo |= can & rf_bit(later->process) ? rf_bit(later->process) : rf_bit(rf_first_of(can));
    } else if ((first & there->unfair) != 0) {
        rf_cut(rf_stage_of(core, core->status.stage), rf_site_of_later(core, r, later));
    }
}

/* -- what comes before what */

/* Does an access take what it can only have while there is room? Of something unknown it is a change. */
static int takes(const rf_access *access)
{
    return access->mode == RF_TAKES && access->object != RF_OBJECT_UNKNOWN;
}

/* Everything that the process has seen up to now. */
static const uint32_t *past_of(rf_core *core, const rf_reduction *r, uint32_t process)
{
    static const uint32_t nothing[RF_PROCESSES];
    const rf_process *own = &r->process[process];
    uint32_t from = own->last != 0 ? own->last : own->born;
    return from != 0 ? rf_steps(core, r)[from - 1].clock : nothing;
}

static int any_takes(const rf_access *accesses, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (takes(&accesses[i])) {
            return 1;
        }
    }
    return 0;
}

/* What let the process go on, and what it waits for, come before its step. */
static void join_wakers(rf_core *core, const rf_reduction *r, uint32_t process, uint32_t *clock)
{
    const rf_process *own = &r->process[process];
    if (own->woken != 0) {
        join(r, clock, rf_steps(core, r)[own->woken - 1].clock);
    }
    if (own->moved != 0) {
        join(r, clock, rf_steps(core, r)[own->moved - 1].clock);
    }
}

/* Adds a step to those found, of which the latest stands first. A handler that reads all fields finds hundreds. */
static void note(uint32_t *found, uint32_t *count, uint32_t step)
{
    uint32_t at = 0;
    uint32_t behind = *count;
    if (behind > 0 && found[behind - 1] > step) {
        at = behind;
    }
    while (at < behind) {
        uint32_t middle = at + (behind - at) / 2;
        if (found[middle] > step) {
            at = middle + 1;
        } else {
            behind = middle;
        }
    }
    if (at < *count && found[at] == step) {
        return;
    }
    memmove(found + at + 1, found + at, (*count - at) * sizeof *found);
    found[at] = step;
    ++*count;
}

static int covers(const rf_access *earlier, const rf_access *access)
{
    return earlier->size == 0
           || (access->size != 0 && earlier->offset <= access->offset
               && (uint64_t)earlier->offset + earlier->size >= (uint64_t)access->offset + access->size);
}

/* Adds the steps on which an access depends, the latest first; those that come before others of them anyhow may be missing.
 * `looks`: only those that looked. */
static void collect(rf_core *core, const rf_reduction *r, const rf_access *access, uint32_t step, int looks,
                    uint32_t *found, uint32_t *count)
{
    const rf_access *accesses = rf_accesses(core, r);
    uint32_t many;
    int changes;
    if (access->object == RF_OBJECT_UNKNOWN) {
        for (uint32_t k = step; k-- > 0 && k + 1 >= r->unknown;) {
            const rf_access *own = rf_accesses_of(core, r, k, &many);
            if (many > 1 || (many == 1 && own->object != RF_OBJECT_ALL)) {
                note(found, count, k);
            }
        }
        return;
    }
    if (r->unknown != 0 && access->object != RF_OBJECT_ALL) {
        note(found, count, r->unknown - 1);
    }
    changes = access->mode == RF_LOOKS;
    for (uint32_t at = rf_bucket_last(r, accesses, access->object, changes); at != 0; at = rf_bucket_before(accesses, at, changes)) {
        const rf_access *earlier = &accesses[at - 1];
        if (earlier->step + 1 <= r->unknown && access->object != RF_OBJECT_ALL) {
            return;
        }
        if (earlier->object != access->object || !rf_depend(earlier, access)) {
            continue;
        }
        if (!looks || earlier->mode == RF_LOOKS) {
            note(found, count, earlier->step);
        }
        if (earlier->mode != RF_LOOKS && covers(earlier, access)) {
            return;
        }
    }
}

/* Who takes something may have it before whoever took it last; not before whoever let go of it, since there was none to take.
 * So the steps at the object are asked, the latest first, up to one before which it could have had it. Was there room for
 * somebody? That says little: another thread may want more of it than that one did, or own it already. */
static void contend(rf_core *core, rf_reduction *r, const rf_access *access, const rf_later *later, const uint32_t *past)
{
    const rf_access *accesses = rf_accesses(core, r);
    uint32_t process = later->process;
    for (uint32_t at = rf_bucket_last(r, accesses, access->object, 1); at != 0; at = rf_bucket_before(accesses, at, 1)) {
        const rf_access *earlier = &accesses[at - 1];
        const rf_behind *then = rf_steps(core, r) + earlier->step;
        if (earlier->object != access->object || earlier->mode == RF_LOOKS || !rf_depend(earlier, access)) {
            continue;
        }
        if (is_before(then, past)) {
            return;
        }
        if (earlier->room != RF_ROOM_NONE || access->tries) {
            reverse(core, r, earlier->step, later);
        }
        if (r->process[process].last <= earlier->step
            && (rf_nodes(core, r)[earlier->step].enabled & rf_bit(process)) != 0) {
            return;
        }
    }
}

/* A step that takes away what others would have done comes behind everything that they did. */
static void collect_struck(const rf_reduction *r, uint64_t struck, uint32_t *found, uint32_t *count)
{
    for (; struck != 0; struck &= struck - 1) {
        const rf_process *process = &r->process[rf_first_of(struck)];
        if (process->last != 0 || process->born != 0) {
            note(found, count, (process->last != 0 ? process->last : process->born) - 1);
        }
        /* What it was about to do was something else before these. */
        if (process->woken != 0) {
            note(found, count, process->woken - 1);
        }
        if (process->moved != 0) {
            note(found, count, process->moved - 1);
        }
    }
}

/* Fills in the clock of a step that touches these. */
static void order(rf_core *core, rf_reduction *r, uint32_t step, uint32_t process, uint64_t struck,
                  const rf_access *accesses, uint32_t count, uint32_t *clock)
{
    const rf_behind *steps = rf_steps(core, r);
    uint32_t *found = RF_AT(core, r->found, uint32_t);
    const uint32_t *past = past_of(core, r, process);
    const int taking = any_takes(accesses, count);
    uint32_t plain[RF_PROCESSES]; /* without what enabled the step, and who had what it takes */
    uint32_t many = 0;
    uint32_t raced = 0;
    memcpy(clock, past, sizeof *clock * r->processes);
    if (taking) {
        memcpy(plain, past, sizeof *plain * r->processes);
    }
    join_wakers(core, r, process, clock);
    collect_struck(r, struck, found, &many);
    for (uint32_t i = 0; i < count; i++) {
        collect(core, r, &accesses[i], step, takes(&accesses[i]), found, &many);
    }
    for (uint32_t i = 0; i < many; i++) {
        const rf_behind *then = &steps[found[i]];
        if (!is_before(then, clock)) {
            found[raced++] = found[i]; /* nothing else orders the two */
        }
        if (taking) {
            join(r, plain, then->clock);
        }
        join(r, clock, then->clock);
    }
    many = raced;
    for (uint32_t i = 0; taking && i < count; i++) {
        uint32_t others = 0;
        if (takes(&accesses[i])) {
            collect(core, r, &accesses[i], step, 0, found + many, &others);
        }
        for (uint32_t k = 0; k < others; k++) {
            join(r, clock, steps[found[many + k]].clock);
        }
    }
    const rf_later later = {step, process, clock, accesses, count};
    const rf_later contender = {step, process, plain, accesses, count};
    for (uint32_t i = 0; i < raced; i++) {
        reverse(core, r, found[i], &later);
    }
    for (uint32_t i = 0; taking && i < count; i++) {
        if (takes(&accesses[i])) {
            contend(core, r, &accesses[i], &contender, past);
        }
    }
}

void rf_close_step(rf_core *core, rf_reduction *r, uint32_t step)
{
    rf_behind *own = rf_steps(core, r) + step;
    rf_process *process = rf_change(core, r, own->process);
    uint32_t count;
    const rf_access *accesses = rf_accesses_of(core, r, step, &count);
    order(core, r, step, own->process, own->struck, accesses, count, own->clock);
    own->clock[own->process] = own->number;
    process->last = step + 1;
    process->woken = 0;
    process->moved = 0;
    for (uint64_t rest = own->struck; rest != 0; rest &= rest - 1) {
        rf_change(core, r, rf_first_of(rest))->last = step + 1;
    }
    rf_enter_accesses(core, r, step);
    r->closed = step + 1;
}

void rf_close_taken(rf_core *core, rf_reduction *r, uint32_t process, uint64_t struck, const rf_access *accesses,
                    uint32_t count)
{
    uint32_t clock[RF_PROCESSES];
    rf_process *own = &r->process[process];
    uint32_t last = own->last;
    own->last = own->before;
    order(core, r, r->closed, process, struck, accesses, count, clock);
    if (own->taken != 0) {
        reverse(core, r, own->taken - 1, &(rf_later){r->closed, process, clock, accesses, count});
    }
    own->last = last;
}

void rf_close_blocked(rf_core *core, rf_reduction *r, uint32_t step, uint32_t process, const rf_access *access)
{
    uint32_t clock[RF_PROCESSES];
    order(core, r, step, process, 0, access, 1, clock);
}
