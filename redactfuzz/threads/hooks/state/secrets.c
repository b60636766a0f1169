#include "state/secrets.h"

enum { LARGEST = 4096 /* bytes of a buffer that are looked at */ };

static uint64_t sum_of(PyObject *object)
{
    uint64_t sum = (uint64_t)Py_REFCNT(object);
    if (PyByteArray_Check(object)) {
        const unsigned char *bytes = (const unsigned char *)PyByteArray_AS_STRING(object);
        Py_ssize_t size = PyByteArray_GET_SIZE(object);
        for (Py_ssize_t i = 0; i < size && i < LARGEST; i++)
            sum = sum * 31 + bytes[i];
    }
    return sum;
}

static int is_plain(PyObject *object)
{
    return PyUnicode_CheckExact(object) || PyBytes_CheckExact(object) || PyByteArray_CheckExact(object);
}

/* What a watched object is: the reference, or what a weak one still leads to. New reference or NULL. */
static PyObject *reached(PyObject *watched)
{
    if (is_plain(watched))
        return Py_NewRef(watched);
#if PY_VERSION_HEX >= 0x030d0000
    PyObject *object = NULL;
    return PyWeakref_GetRef(watched, &object) > 0 ? object : NULL;
#else
    PyObject *object = PyWeakref_GetObject(watched);
    return object == Py_None ? NULL : Py_NewRef(object);
#endif
}

/* Nothing here ends an object: whoever let it go meanwhile would see its finalizer late. It is the running thread that looks. */
static uint64_t sum_of_watched(PyObject *watched)
{
    PyObject *object = reached(watched);
    if (object == NULL)
        return 0;
    uint64_t sum = sum_of(object);
    Py_DECREF(object);
    return sum;
}

static uint64_t sum_of_all(void)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < rfh.watches; i++)
        sum = sum * 0x9e3779b97f4a7c15u + sum_of_watched(rfh.watched[i]);
    return sum;
}

void rfh_secrets_watch(PyObject *object)
{
    /* What has a finalizer must not live any longer for being watched. */
    PyObject *watched = is_plain(object) ? Py_NewRef(object) : PyWeakref_NewRef(object, NULL);
    if (watched == NULL) {
        PyErr_Clear(); /* it cannot be watched unseen */
        return;
    }
    for (uint32_t i = 0; i < rfh.watches; i++)
        if (rfh.watched[i] == watched) {
            Py_DECREF(watched);
            return;
        }
    if (rfh.watches < RFH_WATCHED)
        rfh.watched[rfh.watches++] = watched;
    else
        Py_DECREF(watched);
}

void rfh_secrets_end(void)
{
    uint32_t count = rfh.watches;
    rfh.watches = 0;
    for (uint32_t i = 0; i < count; i++)
        Py_CLEAR(rfh.watched[i]);
}

int rfh_secret_moved(rfh_thread *t)
{
    uint64_t sum = sum_of_all();
    if (sum != rfh.watch_sum) {
        rfh.watch_sum = sum;
        t->near = RFH_NEAR;
    }
    return t->near > 0 && t->near-- > 0;
}
