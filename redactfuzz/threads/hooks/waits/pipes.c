#define _GNU_SOURCE
#include "waits/pipes.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "interpreter/patch.h"
#include "schedule/looks.h"
#include "schedule/turn.h"
#include "state/execution.h"
#include "waits/descriptors.h"
#include "waits/looking.h"
#include "world/leads.h"

enum { AT_ONCE = 4096 }; /* bytes for which a pipe that is ready has room (PIPE_BUF) */

enum { OS_READ, OS_WRITE, OS_CLOSE, RECV, RECV_INTO, SEND, SENDALL, CLOSE, SHUTDOWN, FILE_READ, FILE_READINTO, FILE_WRITE,
       FILE_CLOSE };
static rfh_patch patches[];

typedef PyObject *(*fast)(PyObject *, PyObject *const *, Py_ssize_t);
typedef PyObject *(*fast_keywords)(PyObject *, PyObject *const *, Py_ssize_t, PyObject *);

typedef struct waited {
    int fd;
    short what;
} waited;

static int ready(void *what)
{
    const waited *w = what;
    return rfh_is_ready(w->fd, w->what);
}

static rfh_reach reach(void *what)
{
    const waited *w = what;
    return rfh_reach_of(w->fd, w->what);
}

static int is_ours(int fd, short what) { return rfh_waits_when_empty(fd) && rfh_reach_of(fd, what) == RFH_BY_US; }

/* Until the call would not block, or somebody outside must be waited for, which is the call's own matter (blocking.c). 0, or -1
 * with an exception set. */
static int await(int fd, short what)
{
    waited w = {fd, what};
    rfh_look look = {ready, reach, &w, NULL};
    if (!rfh_controlled() || fd < 0 || rfh_is_ready(fd, what) || !is_ours(fd, what))
        return 0;
    look.object = rfh_object_of(fd);
    return rfh_look_until(&look, 0, RFH_FOR_EVER) < 0 ? -1 : 0;
}

/* All of a text that does not fit at once, as the kernel writes it: piece by piece. -1 with an exception set; -2: this is
 * for the call itself. */
static Py_ssize_t write_all(int fd, PyObject *data)
{
    Py_buffer view;
    if (!rfh_controlled() || fd < 0 || PyUnicode_Check(data))
        return -2;
    if (PyObject_GetBuffer(data, &view, PyBUF_SIMPLE) != 0) {
        PyErr_Clear();
        return -2;
    }
    Py_ssize_t done = -2;
    if ((view.len > AT_ONCE || !rfh_is_ready(fd, POLLOUT)) && is_ours(fd, POLLOUT)) {
        done = 0;
        while (done < view.len && await(fd, POLLOUT) == 0) {
            size_t size = view.len - done < AT_ONCE ? (size_t)(view.len - done) : AT_ONCE;
            ssize_t wrote = write(fd, (char *)view.buf + done, size);
            if (wrote < 0 && errno != EINTR && done == 0)
                PyErr_SetFromErrno(PyExc_OSError);
            if (wrote < 0 && errno != EINTR)
                break;
            done += wrote > 0 ? wrote : 0;
            rfh_push_out(fd);
            rfh_moved();
        }
    }
    PyBuffer_Release(&view);
    return PyErr_Occurred() ? -1 : done;
}

static int descriptor_of(PyObject *object)
{
    int fd = PyObject_AsFileDescriptor(object);
    if (fd < 0)
        PyErr_Clear(); /* the call itself says so */
    return fd;
}

static PyObject *reported(PyObject *result)
{
    if (result) /* a call that failed moved nothing */
        rfh_moved();
    return result;
}

/* -- os ------------------------------------------------------------------------------------------------------------ */

static PyObject *os_read(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    if (count > 0 && await(descriptor_of(args[0]), POLLIN) != 0)
        return NULL;
    return reported(((fast)patches[OS_READ].original)(module, args, count));
}

static PyObject *os_write(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    Py_ssize_t done = count == 2 ? write_all(descriptor_of(args[0]), args[1]) : -2;
    if (done != -2)
        return done < 0 ? NULL : PyLong_FromSsize_t(done);
    return reported(((fast)patches[OS_WRITE].original)(module, args, count));
}

static PyObject *os_close(PyObject *module, PyObject *const *args, Py_ssize_t count, PyObject *names)
{
    if (count > 0 && rfh_leads_elsewhere(descriptor_of(args[0])) != 0)
        return NULL;
    return reported(((fast_keywords)patches[OS_CLOSE].original)(module, args, count, names));
}

/* -- sockets ------------------------------------------------------------------------------------------------------- */

static PyObject *received(PyObject *self, PyObject *args, PyObject *kwargs, int original)
{
    if (await(descriptor_of(self), POLLIN) != 0)
        return NULL;
    if (patches[original].flags & METH_KEYWORDS)
        return reported(((PyCFunctionWithKeywords)patches[original].original)(self, args, kwargs));
    return reported(((PyCFunction)patches[original].original)(self, args));
}

static PyObject *socket_recv(PyObject *self, PyObject *args) { return received(self, args, NULL, RECV); }

static PyObject *socket_recv_into(PyObject *self, PyObject *args, PyObject *kwargs)
{
    return received(self, args, kwargs, RECV_INTO);
}

/* Sends the only argument where that would wait. NULL without an exception: the original does it. */
static PyObject *sent(PyObject *self, PyObject *data, int all)
{
    Py_ssize_t done = data ? write_all(descriptor_of(self), data) : -2;
    return done < 0 ? NULL : all ? Py_NewRef(Py_None) : PyLong_FromSsize_t(done);
}

#if PY_VERSION_HEX >= 0x030f0000
enum { SEND_FLAGS = METH_FASTCALL };
#define SENDER(name, which) \
    static PyObject *name(PyObject *self, PyObject *const *args, Py_ssize_t count) \
    { \
        PyObject *done = sent(self, count == 1 ? args[0] : NULL, which == SENDALL); \
        return done || PyErr_Occurred() ? done : reported(((fast)patches[which].original)(self, args, count)); \
    }
#else
enum { SEND_FLAGS = METH_VARARGS };
#define SENDER(name, which) \
    static PyObject *name(PyObject *self, PyObject *args) \
    { \
        PyObject *done = sent(self, PyTuple_GET_SIZE(args) == 1 ? PyTuple_GET_ITEM(args, 0) : NULL, which == SENDALL); \
        return done || PyErr_Occurred() ? done : reported(((PyCFunction)patches[which].original)(self, args)); \
    }
#endif
SENDER(socket_send, SEND)
SENDER(socket_sendall, SENDALL)

static PyObject *socket_close(PyObject *self, PyObject *ignored)
{
    return reported(((PyCFunction)patches[CLOSE].original)(self, NULL));
}

static PyObject *socket_shutdown(PyObject *self, PyObject *how)
{
    return reported(((PyCFunction)patches[SHUTDOWN].original)(self, how));
}

/* -- files over descriptors ---------------------------------------------------------------------------------------- */

#if PY_VERSION_HEX >= 0x030c0000
#define FILE_METHOD (METH_METHOD | METH_FASTCALL | METH_KEYWORDS)
#define FILE_CLOSE_METHOD FILE_METHOD
typedef PyObject *(*method)(PyObject *, PyTypeObject *, PyObject *const *, Py_ssize_t, PyObject *);
#define GIVEN PyTypeObject *cls, PyObject *const *args, Py_ssize_t count, PyObject *names
#define ORIGINAL(n) ((method)patches[n].original)(self, cls, args, count, names)
#define FIRST (count == 1 ? args[0] : NULL)

static PyObject *file_read(PyObject *self, GIVEN)
{
    return await(descriptor_of(self), POLLIN) != 0 ? NULL : reported(ORIGINAL(FILE_READ));
}

static PyObject *file_readinto(PyObject *self, GIVEN)
{
    return await(descriptor_of(self), POLLIN) != 0 ? NULL : reported(ORIGINAL(FILE_READINTO));
}

static PyObject *file_write(PyObject *self, GIVEN)
{
    Py_ssize_t done = FIRST ? write_all(descriptor_of(self), FIRST) : -2;
    return done == -2 ? reported(ORIGINAL(FILE_WRITE)) : done < 0 ? NULL : PyLong_FromSsize_t(done);
}

static PyObject *file_close(PyObject *self, GIVEN) { return reported(ORIGINAL(FILE_CLOSE)); }
#define FILE_READ_METHOD FILE_METHOD
#define FILE_READINTO_METHOD FILE_METHOD
#define FILE_WRITE_METHOD FILE_METHOD
#else
#define FILE_READ_METHOD METH_FASTCALL
#define FILE_READINTO_METHOD METH_O
#define FILE_WRITE_METHOD METH_O
#define FILE_CLOSE_METHOD METH_NOARGS

static PyObject *file_read(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    return await(descriptor_of(self), POLLIN) != 0 ? NULL : reported(((fast)patches[FILE_READ].original)(self, args, count));
}

static PyObject *file_readinto(PyObject *self, PyObject *buffer)
{
    if (await(descriptor_of(self), POLLIN) != 0)
        return NULL;
    return reported(((PyCFunction)patches[FILE_READINTO].original)(self, buffer));
}

static PyObject *file_write(PyObject *self, PyObject *data)
{
    Py_ssize_t done = write_all(descriptor_of(self), data);
    if (done != -2)
        return done < 0 ? NULL : PyLong_FromSsize_t(done);
    return reported(((PyCFunction)patches[FILE_WRITE].original)(self, data));
}

static PyObject *file_close(PyObject *self, PyObject *ignored)
{
    return reported(((PyCFunction)patches[FILE_CLOSE].original)(self, NULL));
}
#endif

static rfh_patch patches[] = {
    [OS_READ] = {"posix", NULL, "read", METH_FASTCALL, os_read},
    [OS_WRITE] = {"posix", NULL, "write", METH_FASTCALL, os_write},
    [OS_CLOSE] = {"posix", NULL, "close", METH_FASTCALL | METH_KEYWORDS, os_close},
    [RECV] = {"_socket", "socket", "recv", METH_VARARGS, socket_recv},
    [RECV_INTO] = {"_socket", "socket", "recv_into", METH_VARARGS | METH_KEYWORDS, socket_recv_into},
    [SEND] = {"_socket", "socket", "send", SEND_FLAGS, socket_send},
    [SENDALL] = {"_socket", "socket", "sendall", SEND_FLAGS, socket_sendall},
    [CLOSE] = {"_socket", "socket", "close", METH_NOARGS, socket_close},
    [SHUTDOWN] = {"_socket", "socket", "shutdown", METH_O, socket_shutdown},
    [FILE_READ] = {"_io", "FileIO", "read", FILE_READ_METHOD, file_read},
    [FILE_READINTO] = {"_io", "FileIO", "readinto", FILE_READINTO_METHOD, file_readinto},
    [FILE_WRITE] = {"_io", "FileIO", "write", FILE_WRITE_METHOD, file_write},
    [FILE_CLOSE] = {"_io", "FileIO", "close", FILE_CLOSE_METHOD, file_close},
    {NULL},
};

int rfh_pipes_install(void) { return rfh_patch_apply(patches); }

void rfh_pipes_remove(void) { rfh_patch_undo(patches); }
