#include "touch/footprint.h"

#include "code/stack.h"
#include "touch/touch.h"

void rfh_touch_arrives(rfh_thread *t)
{
}

void rfh_touch_instruction(rfh_thread *t, rfh_code *table, Py_ssize_t index)
{
    rfh_touch_all(NULL);
}

void rfh_touch_entry(rfh_thread *t, PyObject *code)
{
}
