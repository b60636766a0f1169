#define _GNU_SOURCE
#include "world/own.h"

#include <errno.h>
#include <limits.h>
#include <unistd.h>

#include "interpreter/interpose.h"

enum { MOST = 256 }; /* more than a batch has at a time; one beyond is not kept */
static int own[MOST];
static int count;
static pid_t process;

static int is_own(int fd)
{
    for (int i = 0; i < count; i++)
        if (own[i] == fd)
            return 1;
    return 0;
}

static int keeps(void) { return count > 0 && rfh_controlled() && getpid() == process; }

static int close_one(int fd)
{
    if (keeps() && is_own(fd)) {
        errno = EBADF;
        return -1;
    }
    return close(fd);
}

/* The first of ours from `fd` on; UINT_MAX: none. */
static unsigned next_own(unsigned fd)
{
    unsigned next = UINT_MAX;
    for (int i = 0; i < count; i++)
        if ((unsigned)own[i] >= fd && (unsigned)own[i] < next)
            next = (unsigned)own[i];
    return next;
}

static int close_between(unsigned first, unsigned last, int flags)
{
    for (unsigned next; keeps() && (next = next_own(first)) <= last && next != UINT_MAX; first = next + 1)
        if (next > first && close_range(first, next - 1, flags) != 0)
            return -1;
    return first <= last ? close_range(first, last, flags) : 0;
}

static void close_from(int first) { close_between(first < 0 ? 0 : (unsigned)first, UINT_MAX, 0); }

static const rfh_import imports[] = {
    {"close", (void *)close_one, (void *)close, NULL},
    {"close_range", (void *)close_between, (void *)close_range, NULL},
    {"closefrom", (void *)close_from, (void *)closefrom, NULL},
    {NULL, NULL, NULL, NULL},
};

int rfh_own_install(void)
{
    rfh_interpose(imports);
    return 0;
}

void rfh_own_remove(void) {}

void rfh_own_begin(void) { process = getpid(); }

static PyObject *py_own(PyObject *module, PyObject *fd)
{
    long number = PyLong_AsLong(fd);
    if (number == -1 && PyErr_Occurred())
        return NULL;
    if (count < MOST && !is_own((int)number))
        own[count++] = (int)number;
    return Py_NewRef(fd);
}

static PyObject *py_disown(PyObject *module, PyObject *fd)
{
    long number = PyLong_AsLong(fd);
    if (number == -1 && PyErr_Occurred())
        return NULL;
    for (int i = 0; i < count; i++)
        if (own[i] == (int)number)
            own[i--] = own[--count];
    return Py_NewRef(fd);
}

static PyObject *py_is_own(PyObject *module, PyObject *fd)
{
    long number = PyLong_AsLong(fd);
    if (number == -1 && PyErr_Occurred())
        return NULL;
    return PyBool_FromLong(is_own((int)number));
}

PyMethodDef rfh_own_methods[] = {
    {"own", py_own, METH_O, NULL},
    {"disown", py_disown, METH_O, NULL},
    {"is_own", py_is_own, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};
