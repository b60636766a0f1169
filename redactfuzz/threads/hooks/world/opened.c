#define _GNU_SOURCE
#include "world/opened.h"

#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

typedef struct {
    int32_t number, asked;
} which;

typedef struct {
    int64_t flags, offset, waiting;
} state;

static state state_of(which one)
{
    state found = {fcntl(one.number, F_GETFL), 0, 0};
    if (found.flags >= 0 && one.asked & RFH_PLACED)
        found.offset = lseek(one.number, 0, SEEK_CUR);
    int waiting = 0;
    if (found.flags >= 0 && one.asked & RFH_STREAM && ioctl(one.number, FIONREAD, &waiting) == 0)
        found.waiting = waiting; /* one that listens has none */
    return found;
}

static PyObject *py_opened(PyObject *module, PyObject *asked)
{
    if (!PyBytes_Check(asked))
        return PyErr_Format(PyExc_TypeError, "bytes are wanted");
    Py_ssize_t count = PyBytes_GET_SIZE(asked) / (Py_ssize_t)sizeof(which);
    PyObject *found = PyBytes_FromStringAndSize(NULL, count * (Py_ssize_t)sizeof(state));
    for (Py_ssize_t i = 0; found != NULL && i < count; i++) {
        which one;
        memcpy(&one, PyBytes_AS_STRING(asked) + i * (Py_ssize_t)sizeof one, sizeof one);
        state now = state_of(one);
        memcpy(PyBytes_AS_STRING(found) + i * (Py_ssize_t)sizeof now, &now, sizeof now);
    }
    return found;
}

PyMethodDef rfh_opened_methods[] = {
    {"opened", py_opened, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};
