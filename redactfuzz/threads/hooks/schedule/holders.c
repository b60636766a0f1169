#include "schedule/holders.h"

#include <string.h>

#include "schedule/looks.h"

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
    if (e->object == NULL) {
        used++;
        *e = (rfh_held){object, ++sights, RFH_NOBODY};
    }
    return e;
}

void rfh_holders_forget(void *object)
{
    if (used == 0)
        return;
    rfh_held *e = slot(entries, capacity, object);
    if (e->object)
        e->object = &gone;
}

void rfh_holders_reset(void)
{
    if (entries && used)
        memset(entries, 0, capacity * sizeof *entries);
    used = sights = 0;
}

uint32_t rfh_ordinal(void *object) { return object ? rfh_held_of(object)->ordinal : 0; }

void rfh_holders_of_ended(const rfh_thread *t)
{
    for (uint32_t i = 0; i < capacity; i++) {
        rfh_held *e = &entries[i];
        if (e->object && e->object != &gone && e->owner == t->id && t->adopted) {
            e->owner = RFH_SETTLING;
            rfh_signal(e->object);
        }
    }
}

/* -- deadlocks ------------------------------------------------------------------------------------------------ */

typedef struct stuck {
    uint16_t thread;
    int32_t owner;
    uint32_t ordinal;
} stuck;
static stuck stuck_threads[RFH_MAX_THREADS];
static int stuck_count;

static void *awaited(const rfh_thread *t) { return t->look && t->look->object ? t->look->object : t->waits_for; }

void rfh_note_deadlock(void)
{
    stuck_count = 0;
    for (uint16_t i = 0; i < rfh.count; i++) {
        rfh_thread *t = rfh.threads[i];
        if (t->state != RFH_BLOCKED)
            continue;
        rfh_held *e = t->waits_for && (!t->look || t->look->object) ? rfh_held_of(awaited(t)) : NULL;
        if (t->look && e && e->owner < 0)
            e = NULL; /* no lock */
        stuck_threads[stuck_count++] = (stuck){i, e ? e->owner : RFH_NOBODY, e ? e->ordinal : 0};
    }
}

int rfh_holders_are_stuck(void)
{
    int stuck = 0;
    for (uint16_t i = 0; i < rfh.count; i++) {
        rfh_thread *t = rfh.threads[i];
        if (t->state == RFH_READY || t->state == RFH_RUNNING || (t->state == RFH_BLOCKED && t->timed)
            || (t->state == RFH_NEW && !t->crash))
            return 0;
        if (t->state != RFH_BLOCKED || t->waits_for == NULL || t->by_condition)
            continue;
        int32_t owner = rfh_held_of(awaited(t))->owner;
        stuck |= owner >= 0 && owner < rfh.count
            && (rfh.threads[owner]->state == RFH_BLOCKED || rfh.threads[owner]->state == RFH_ENDED);
    }
    return stuck;
}

int rfh_all_are_stuck(const rfh_thread *but)
{
    void *first = NULL;
    int differ = 0, looks = 0;
    for (uint16_t i = 1; i < rfh.count; i++) {
        const rfh_thread *t = rfh.threads[i];
        if (t->crash || t->daemon || t == but)
            continue;
        if (t->state != RFH_BLOCKED || t->waits_for == NULL || t->timed || t->by_condition)
            return 0;
        if (t->look ? t->look->reach(t->look->what) != RFH_BY_US : rfh_held_of(t->waits_for)->owner < 0)
            return 0;
        looks |= t->look != NULL;
        differ |= first && awaited(t) != first;
        first = awaited(t);
    }
    return differ && looks;
}

PyObject *rfh_deadlock_list(void)
{
    PyObject *list = PyList_New(0);
    for (int i = 0; list && i < stuck_count; i++) {
        const stuck *s = &stuck_threads[i];
        PyObject *owner = s->owner >= 0 && s->owner < rfh.count ? rfh.threads[s->owner]->name : Py_None;
        rfh_thread *t = rfh.threads[s->thread];
        PyObject *item = Py_BuildValue("(OIOK)", t->name, s->ordinal, owner, (unsigned long long)t->site);
        if (item == NULL || PyList_Append(list, item) != 0)
            Py_CLEAR(list);
        Py_XDECREF(item);
    }
    stuck_count = 0;
    return list;
}
