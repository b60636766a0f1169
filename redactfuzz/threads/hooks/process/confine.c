#define _GNU_SOURCE
#include "process/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "confine/landlock.h"

enum { MOST_MADE = 1 << 14 }; /* paths that are remembered: of more the oldest, most of which are gone, are not */

/* Changed where no worker runs; each reads them when it begins. */
static char **places;
static Py_ssize_t count;
static int wanted, failed;
static volatile unsigned char *refused; /* shared with children, which may die of it */
static PyObject *made; /* list of paths */
/* Is asked of what threads change that are not controlled, while they run code of the scenario; or NULL. */
static PyObject *rest;
static unsigned long rest_thread; /* that one alone; 0: all */
static int everybody;             /* what is refused to threads that are not controlled counts as well */
static __thread int asking;       /* what it does itself is not asked about */

static int may_write(int rules, const char *name, uint64_t changes)
{
    struct stat status;
    int held, path = open(name, O_PATH | O_CLOEXEC);
    if (path < 0)
        return errno == ENOENT || errno == EACCES || errno == ENOTDIR; /* not there: nothing to allow */
    if (fstat(path, &status) != 0 || !S_ISDIR(status.st_mode))
        changes &= RF_WRITE_FILE | RF_TRUNCATE; /* of a file the kernel takes no others */
    held = rf_landlock_allow(rules, path, changes);
    close(path);
    return held;
}

static int holds(long version)
{
    long errata = syscall(RF_CREATE_RULESET, NULL, 0, RF_ERRATA_ASKED);
    int signals = version >= RF_SINCE_SCOPES && errata >= 0 && (errata & RF_OWN_PROCESS_REPAIRED);
    return version < 1 ? 0 : RFH_HOLDS_FILES | (signals ? RFH_HOLDS_SIGNALS : 0);
}

void rfh_confine_me(void)
{
    long version = rf_landlock_version();
    uint64_t changes = rf_landlock_changes(version);
    int rules, held;
    if (!wanted || version < 1)
        return;
    rules = rf_landlock_rules(changes, holds(version) & RFH_HOLDS_SIGNALS ? RF_SCOPE_SIGNALS : 0);
    held = rules >= 0;
    for (Py_ssize_t i = 0; held && i < count; i++)
        held = may_write(rules, places[i], changes);
    held = held && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && rf_landlock_enter(rules);
    if (rules >= 0)
        close(rules);
    if (!held)
        failed = 1;
}

int rfh_confine_failed(void) { return failed; }

int rfh_confine_wanted(void) { return wanted; }

int rfh_confine_everybody(void) { return everybody; }

void rfh_confine_refused(int is)
{
    if (refused)
        *refused = (unsigned char)is;
}

int rfh_confine_was_refused(void) { return refused && *refused; }

static PyObject *refuse(PyObject *module, PyObject *ignored)
{
    rfh_confine_refused(1);
    Py_RETURN_NONE;
}

static PyObject *was_refused(PyObject *module, PyObject *forgets)
{
    int was = rfh_confine_was_refused();
    if (forgets == Py_True)
        rfh_confine_refused(0);
    return PyBool_FromLong(was);
}

static void forget(void)
{
    while (count > 0)
        free(places[--count]);
    free(places);
    places = NULL;
    wanted = failed = 0;
}

static PyObject *confine(PyObject *module, PyObject *paths)
{
    forget();
    if (refused == NULL) {
        void *page = mmap(NULL, 1, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        refused = page == MAP_FAILED ? NULL : page;
    }
    if (paths == Py_None)
        Py_RETURN_NONE;
    if (!PyTuple_Check(paths)) {
        PyErr_SetString(PyExc_TypeError, "expected a tuple of paths as bytes, or None");
        return NULL;
    }
    places = calloc((size_t)PyTuple_GET_SIZE(paths) + 1, sizeof *places);
    if (places == NULL)
        return PyErr_NoMemory();
    for (; count < PyTuple_GET_SIZE(paths); count++) {
        const char *path = PyBytes_AsString(PyTuple_GET_ITEM(paths, count));
        char *copy = path ? strdup(path) : NULL;
        if (copy == NULL) {
            forget();
            return path ? PyErr_NoMemory() : NULL;
        }
        places[count] = copy;
    }
    wanted = 1;
    Py_RETURN_NONE;
}

static PyObject *what_holds(PyObject *module, PyObject *ignored)
{
    return PyLong_FromLong(holds(rf_landlock_version()));
}

static PyObject *confine_here(PyObject *module, PyObject *ignored)
{
    rfh_confine_me();
    Py_RETURN_NONE;
}

static PyObject *confine_rest(PyObject *module, PyObject *args)
{
    PyObject *asked;
    int all = 0;
    if (!PyArg_ParseTuple(args, "O|p", &asked, &all))
        return NULL;
    everybody = all && asked != Py_None;
    rest_thread = all ? 0 : PyThread_get_thread_ident();
    Py_XSETREF(rest, asked == Py_None ? NULL : Py_NewRef(asked));
    Py_RETURN_NONE;
}

int rfh_confine_rest(const char *event, PyObject *args)
{
    PyObject *answer, *asked = rest;
    if (asked == NULL || asking || (rest_thread && rest_thread != PyThread_get_thread_ident())
        || !rfh_confine_changes(event, args))
        return 0;
    asking = 1;
    Py_INCREF(asked);
    answer = PyObject_CallFunction(asked, "sO", event, args);
    Py_DECREF(asked);
    asking = 0;
    Py_XDECREF(answer);
    return answer ? 0 : -1;
}

int rfh_confine_made(PyObject *args)
{
    if (PyInterpreterState_Get() != PyInterpreterState_Main())
        return 0; /* its objects are its own */
    if (PyList_GET_SIZE(made) >= MOST_MADE && PyList_SetSlice(made, 0, MOST_MADE / 2, NULL) != 0)
        return -1;
    return PyTuple_GET_SIZE(args) > 0 ? PyList_Append(made, PyTuple_GET_ITEM(args, 0)) : 0;
}

int rfh_confine_changes(const char *event, PyObject *args)
{
    static const char *const changing[] = {"remove", "rename", "mkdir",    "rmdir",      "link", "symlink", "truncate",
                                           "chmod",  "chown",  "setxattr", "removexattr", "utime"};
    if (strcmp(event, "open") == 0) {
        PyObject *flags = PyTuple_GET_SIZE(args) > 2 ? PyTuple_GET_ITEM(args, 2) : NULL;
        int overflow;
        long how = flags && PyLong_Check(flags) ? PyLong_AsLongAndOverflow(flags, &overflow) : 0;
        return wanted && (how & (O_ACCMODE | O_CREAT | O_TRUNC)) != 0;
    }
    if (!wanted || strncmp(event, "os.", 3) != 0)
        return 0;
    for (size_t i = 0; i < sizeof changing / sizeof *changing; i++)
        if (strcmp(event + 3, changing[i]) == 0)
            return 1;
    return 0;
}

static PyMethodDef methods[] = {
    {"confine", confine, METH_O, NULL},
    {"confine_here", confine_here, METH_NOARGS, NULL},
    {"confine_rest", confine_rest, METH_VARARGS, NULL},
    {"refuse", refuse, METH_NOARGS, NULL},
    {"was_refused", was_refused, METH_O, NULL},
    {"holds", what_holds, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

int rfh_confine_init(PyObject *module)
{
    made = PyList_New(0);
    return made ? PyModule_AddObjectRef(module, "made", made) || PyModule_AddFunctions(module, methods) : -1;
}
