#include "state/objects.h"

#include <string.h>

/* Open addressing by address; emptied for each execution. Grows, never shrinks. */
static rfh_held *entries;
static uint32_t capacity, used; /* freed ones take room until it grows */
static uint32_t sights;
static char gone; /* in place of the address of what was freed */

static rfh_held *slot(rfh_held *in, uint32_t size, void *object)
{
    uint32_t i = (uint32_t)(((uintptr_t)object >> 4) * 0x9e3779b1u) & (size - 1);
    while (in[i].object && in[i].object != object)
        i = (i + 1) & (size - 1);
    return &in[i];
}

static int has_died(const rfh_held *e)
{
#if PY_VERSION_HEX >= 0x030d0000
    return 0; /* the interpreter tells: touch/identity.c */
#else
    return PyWeakref_GET_OBJECT(e->watch) != e->object;
#endif
}

rfh_held *rfh_held_of(void *object)
{
    if (used * 2 >= capacity) {
        uint32_t alive = 0;
        for (uint32_t i = 0; i < capacity; i++)
            alive += entries[i].object && entries[i].object != &gone;
        uint32_t size = capacity == 0 ? 256 : alive * 4 >= capacity ? capacity * 2 : capacity;
        rfh_held *grown = PyMem_RawCalloc(size, sizeof *grown);
        if (grown == NULL)
            Py_FatalError("redactfuzz: no memory for the table of locks");
        for (uint32_t i = 0; i < capacity; i++)
            if (entries[i].object && entries[i].object != &gone)
                *slot(grown, size, entries[i].object) = entries[i];
        PyMem_RawFree(entries);
        entries = grown;
        capacity = size;
        used = alive;
    }
    rfh_held *e = slot(entries, capacity, object);
    if (e->watch && has_died(e)) {
        Py_CLEAR(e->watch);
        *e = (rfh_held){object, ++sights, RFH_NOBODY, NULL};
    }
    if (e->object == NULL) {
        used++;
        *e = (rfh_held){object, ++sights, RFH_NOBODY, NULL};
    }
    return e;
}

void rfh_objects_forget(void *object)
{
    if (used == 0)
        return;
    rfh_held *e = slot(entries, capacity, object);
    if (e->object) {
        e->object = &gone;
        Py_CLEAR(e->watch);
    }
}

void rfh_objects_reset(void)
{
    for (uint32_t i = 0; used && i < capacity; i++)
        Py_CLEAR(entries[i].watch);
    if (entries && used)
        memset(entries, 0, capacity * sizeof *entries);
    used = sights = 0;
}

uint32_t rfh_objects_seen(void) { return sights; }

uint32_t rfh_ordinal(void *object) { return object ? rfh_held_of(object)->ordinal : 0; }

/* -- who waits for one ------------------------------------------------------------------------------------- */

void rfh_go_on(rfh_thread *t)
{
    t->state = RFH_READY;
    if (rfh.phase <= RFH_AFTER) {
        rf_event event = {.site = t->site, .kind = RF_ACQUIRE, .object = rfh_ordinal(t->waits_for)};
        t->pending = event;
        rf_pend(rfh.core, t->id, &event);
    }
}

void rfh_signal(void *object)
{
    for (uint16_t i = 0; i < rfh.count; i++)
        if (rfh.threads[i]->state == RFH_BLOCKED && rfh.threads[i]->waits_for == object)
            rfh_go_on(rfh.threads[i]);
}

int rfh_taken(rfh_thread *taker, void *object)
{
    int blocks = 0;
    for (uint16_t i = 0; i < rfh.count; i++) {
        rfh_thread *t = rfh.threads[i];
        if (t == taker || t->state != RFH_READY || t->waits_for != object)
            continue;
        t->state = RFH_BLOCKED;
        blocks = 1;
        if (rfh.phase <= RFH_AFTER) {
            rf_event event = {.site = t->site, .kind = RF_ACQUIRE, .object = rfh_ordinal(object)};
            event.flags = t->timed;
            event.deadline = t->deadline;
            t->pending = event;
            rf_block(rfh.core, t->id, event.object, &event);
        }
    }
    return blocks;
}

int rfh_holds_any(const rfh_thread *t)
{
    int any = 0;
    for (uint32_t i = 0; i < capacity && used; i++)
        any |= entries[i].object && entries[i].object != &gone && entries[i].owner == t->id;
    return any;
}

void rfh_objects_of_ended(const rfh_thread *t)
{
    for (uint32_t i = 0; i < capacity; i++) {
        rfh_held *e = &entries[i];
        if (e->object && e->object != &gone && e->owner == t->id && t->adopted) {
            e->owner = RFH_SETTLING;
            rfh_signal(e->object);
        }
    }
}
