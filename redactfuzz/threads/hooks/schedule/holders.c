#include "schedule/holders.h"

#include "schedule/looks.h"
#include "state/objects.h"

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
    int any = 0;
    for (uint16_t i = 0; i < rfh.count; i++) {
        rfh_thread *t = rfh.threads[i];
        if (t->state == RFH_READY || t->state == RFH_RUNNING || (t->state == RFH_BLOCKED && t->timed)
            || (t->state == RFH_NEW && !t->crash))
            return 0;
        if (t->state != RFH_BLOCKED || t->waits_for == NULL || t->by_condition)
            continue;
        int32_t owner = rfh_held_of(awaited(t))->owner;
        any |= owner >= 0 && owner < rfh.count
            && (rfh.threads[owner]->state == RFH_BLOCKED || rfh.threads[owner]->state == RFH_ENDED);
    }
    return any;
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
