#include "secrets.h"

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

static uint64_t sum_of_all(void)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < rfh.watches; i++)
        sum = sum * 0x9e3779b97f4a7c15u + sum_of(rfh.watched[i]);
    return sum;
}

void rfh_secrets_watch(PyObject *object)
{
    for (uint32_t i = 0; i < rfh.watches; i++)
        if (rfh.watched[i] == object)
            return;
    if (rfh.watches < RFH_WATCHED)
        rfh.watched[rfh.watches++] = Py_NewRef(object);
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
