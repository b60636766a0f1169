#include "process/audit.h"

#include <string.h>

#include "process/confine.h"
#include "state/execution.h"
#include "touch/touch.h"

/* Audit event -> what is announced to the listener (the values of model.ProblemKind). */
static const struct {
    const char *event, *what;
} watched[] = {
    {"os.fork", "fork"},
    {"os.forkpty", "fork"},
    {"os.posix_spawn", "child process"},
    {"os.system", "child process"},
    {"cpython.PyInterpreterState_New", "subinterpreter"},
    {"sys.settrace", "tracer"}, /* PyEval_SetTrace and PyEval_SetProfile raise them as well */
    {"sys.setprofile", "tracer"},
    {"sys.addaudithook", "tracer"},
};

/* Whether what is opened or cut may be a stream that the process has: a descriptor, or a device, or what is open. */
static int may_be_open(PyObject *path)
{
    const char *name = PyUnicode_Check(path) ? PyUnicode_AsUTF8(path) : PyBytes_Check(path) ? PyBytes_AsString(path) : "";
    if (name == NULL)
        PyErr_Clear();
    return PyLong_Check(path) || (name && (strncmp(name, "/dev/", 5) == 0 || strncmp(name, "/proc/", 6) == 0));
}

static int hook(const char *event, PyObject *args, void *ignored)
{
    rfh_thread *t = rfh_me;
    if (t == NULL && strncmp(event, "tempfile.", 9) == 0)
        return rfh_confine_made(args);
    if (t == NULL)
        return rfh_confine_rest(event, args);
    if (strcmp(event, "sys._current_frames") == 0)
        rfh_touch_lists_threads();
    if (t->quiet)
        return 0;
    if (rfh_confine_changes(event, args)) {
        PyObject *announced = rfh_announce("changes", "(sO)", event, args);
        Py_XDECREF(announced);
        if (announced == NULL)
            return -1;
    }
    if ((strcmp(event, "open") == 0 || strcmp(event, "os.truncate") == 0) && PyTuple_GET_SIZE(args) > 0) {
        PyObject *announced = may_be_open(PyTuple_GET_ITEM(args, 0)) ? rfh_announce("opens", "()") : Py_NewRef(Py_None);
        Py_XDECREF(announced);
        return announced ? 0 : -1;
    }
    if (strcmp(event, "syslog.syslog") == 0 && PyTuple_GET_SIZE(args) == 2) {
        PyObject *announced = rfh_announce("logs", "(O)", PyTuple_GET_ITEM(args, 1));
        Py_XDECREF(announced);
        return announced ? 0 : -1;
    }
    for (size_t i = 0; i < sizeof watched / sizeof watched[0]; i++) {
        if (strcmp(event, watched[i].event) != 0)
            continue;
        PyObject *announced = rfh_announce("noticed", "(sO)", watched[i].what, t->name);
        Py_XDECREF(announced);
        if (announced && strcmp(event, "sys.addaudithook") == 0) { /* it could never be removed, and would see and stop us */
            PyErr_SetString(PyExc_RuntimeError, "redactfuzz: no audit hook in a scenario");
            return -1; /* which nobody sees: the hook is not there */
        }
        return announced ? 0 : -1;
    }
    return 0;
}

int rfh_audit_install(void)
{
    return PySys_AddAuditHook(hook, NULL);
}
