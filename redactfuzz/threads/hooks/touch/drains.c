#include "touch/drains.h"

#include "code/stack.h"
#include "touch/values.h"

int rfh_drains(PyObject *object, Py_ssize_t references, void **code)
{
    return PyGen_CheckExact(object) && rfh_advances(object, references, code) && *code != NULL;
}

int rfh_drain_begins(rfh_thread *t, void *frame, void *code, int takes)
{
    if (t->draining == RFH_DRAINS)
        return 0;
    t->drains[t->draining++] = (rfh_drain){frame, code, takes};
    return 1;
}

void rfh_drain_arrives(rfh_thread *t, const void *now)
{
    while (t->draining > 0) {
        const void *frame = t->drains[t->draining - 1].frame;
        if (frame != now && rfh_is_under(frame, now))
            return;
        t->draining--;
    }
}

static const rfh_drain *of(const rfh_thread *t, const void *code)
{
    for (int i = t->draining - 1; i >= 0; i--)
        if (t->drains[i].code == code)
            return &t->drains[i];
    return NULL;
}

int rfh_is_drained(const rfh_thread *t, const void *code) { return of(t, code) != NULL; }

int rfh_drain_gives(const rfh_thread *t, const void *code, PyObject *value, int returns)
{
    const rfh_drain *drain = of(t, code);
    if (drain == NULL || drain->takes == RFH_TAKES_ANY || (drain->takes == RFH_TAKES_PLAIN && returns))
        return 1;
    if (drain->takes == RFH_ANSWERS)
        return value != NULL && value != Py_NotImplemented;
    return value != NULL && rfh_is_plain(value);
}
