#include "reduce/reduce.h"

int rf_access_of(const rf_event *event, rf_access *access)
{
    rf_access found = {.object = event->object, .offset = event->offset, .size = event->size, .room = event->room,
                       .plain = event->kind <= RF_WRITE && (event->flags & RF_PLAIN) != 0};
    if (event->flags & RF_LOCAL) {
        /* What every thread does is seen by who looks at everything, and by nobody else. */
        rf_access seen = {.object = RF_OBJECT_ALL, .mode = (event->kind & 15u) == RF_CRASH ? RF_CHANGES : RF_LOOKS};
        *access = seen;
        return (event->flags & RF_VISIBLE) != 0;
    }
    if (found.object == RF_OBJECT_TOLD) {
        return 0;
    }
    if (found.object == RF_OBJECT_ALL) {
        found.object = RF_OBJECT_UNKNOWN;
    }
    switch (event->kind & 15u) {
    case 0: /* a thread begins */
    case RF_SPAWN: /* what it starts comes after it in every order */
        return 0;
    case RF_READ:
        if (event->object == RF_OBJECT_UNKNOWN && (event->flags & RF_YIELD) != 0) {
            return 0; /* it only hands over */
        }
        found.mode = RF_LOOKS;
        break;
    case RF_ACQUIRE:
    case RF_JOIN:
    case RF_WAIT:
        found.mode = RF_TAKES;
        found.tries = (event->flags & RF_TIMED) != 0;
        break;
    case RF_END:
        found.mode = RF_CHANGES;
        found.room = RF_ROOM_NONE; /* nobody could have joined it before */
        break;
    case RF_OPAQUE:
    case RF_CRASH:
        found.object = RF_OBJECT_UNKNOWN;
        found.mode = RF_CHANGES;
        break;
    default:
        found.mode = RF_CHANGES;
    }
    *access = found;
    return 1;
}

int rf_depend(const rf_access *a, const rf_access *b)
{
    if (a->object == RF_OBJECT_UNKNOWN || b->object == RF_OBJECT_UNKNOWN) {
        return a->object != RF_OBJECT_ALL && b->object != RF_OBJECT_ALL; /* a crash touches both */
    }
    if (a->object != b->object || (a->mode == RF_LOOKS && b->mode == RF_LOOKS)) {
        return 0;
    }
    return a->size == 0 || b->size == 0
           || ((uint64_t)a->offset < (uint64_t)b->offset + b->size && (uint64_t)b->offset < (uint64_t)a->offset + a->size);
}

rf_access *rf_accesses_of(rf_core *core, const rf_reduction *r, uint32_t step, uint32_t *count)
{
    const rf_behind *steps = rf_steps(core, r);
    uint32_t first = steps[step].accesses;
    uint32_t end = step + 1 < r->depth ? steps[step + 1].accesses : r->used_accesses;
    *count = end - first;
    return rf_accesses(core, r) + first;
}

void rf_add_access(rf_core *core, rf_reduction *r, const rf_access *access)
{
    uint32_t count;
    uint32_t step = r->depth - 1;
    rf_access *own = rf_accesses_of(core, r, step, &count);
    if (count > 0 && own->object == RF_OBJECT_UNKNOWN && own->mode == RF_CHANGES && access->object != RF_OBJECT_ALL) {
        return; /* that is everything */
    }
    /* It announced the object, and reports which part of it. */
    if (count > 0 && own[count - 1].announced && own[count - 1].object == access->object && own[count - 1].size == 0
        && own[count - 1].mode == access->mode && access->size != 0) {
        own[count - 1].offset = access->offset;
        own[count - 1].size = access->size;
        own[count - 1].announced = 0;
        return;
    }
    if (count > 0 && own[count - 1].object == access->object && own[count - 1].offset == access->offset
        && own[count - 1].size == access->size && own[count - 1].mode == access->mode) {
        if (access->room != RF_ROOM_UNKNOWN) {
            own[count - 1].room = access->room;
        }
        return;
    }
    if (count == RF_STEP_ACCESSES || count == r->touched / 2) {
        rf_access all = {.object = RF_OBJECT_UNKNOWN, .mode = RF_CHANGES, .step = step};
        own[0] = all;
        r->used_accesses -= count - 1;
        return;
    }
    if (r->used_accesses == r->touched) {
        rf_reduction_full(r);
        return;
    }
    own[count] = *access;
    own[count].step = step;
    r->used_accesses++;
}

void rf_enter_accesses(rf_core *core, rf_reduction *r, uint32_t step)
{
    uint32_t count;
    rf_access *own = rf_accesses_of(core, r, step, &count);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t *head = &r->heads[own[i].object & (RF_BUCKETS - 1)];
        own[i].before = *head;
        own[i].changed = rf_bucket_changed(rf_accesses(core, r), *head);
        *head = (uint32_t)(own + i - rf_accesses(core, r)) + 1;
        if (own[i].object == RF_OBJECT_UNKNOWN) {
            r->unknown = step + 1;
        }
    }
    r->entered = r->used_accesses;
}
