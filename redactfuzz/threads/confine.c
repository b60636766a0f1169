#define _GNU_SOURCE
#include "confine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "denied.h"

/* Landlock (Documentation/userspace-api/landlock.rst), by its numbers: headers are older than kernels. The calls have one number on
 * every processor. */
enum { CREATE_RULESET = 444, ADD_RULE = 445, RESTRICT_SELF = 446, PATH_BENEATH = 1 };
enum { VERSION_ASKED = 1, ERRATA_ASKED = 2 };
enum { SINCE_REFER = 2, SINCE_TRUNCATE = 3, SINCE_SCOPES = 6 }; /* versions */
/* Without this repair a thread may not signal its own process, which other threads of it, in no domain, belong to. */
enum { OWN_PROCESS_REPAIRED = 1 << 1 };

#define WRITE_FILE ((uint64_t)1 << 1)
#define REMOVE_AND_MAKE ((uint64_t)0x1ff << 4) /* remove_dir to make_sym */
#define REFER ((uint64_t)1 << 13)
#define TRUNCATE ((uint64_t)1 << 14)
#define SCOPE_SIGNALS ((uint64_t)1 << 1)

enum { HOLDS_FILES = 1, HOLDS_SIGNALS = 2 };

struct ruleset {
    uint64_t files, network, scopes;
};

struct beneath {
    uint64_t allowed;
    int32_t path;
} __attribute__((packed));

/* Changed where no worker runs; each reads them when it begins. */
static char **places;
static Py_ssize_t count;
static int wanted, failed;
static volatile unsigned char *refused; /* shared with children, which may die of it */
static PyObject *made; /* list of paths */
/* Is asked of what threads change that are not controlled, while they run code of the scenario; or NULL. */
static PyObject *rest;
static unsigned long rest_thread; /* that one alone; 0: all */
static __thread int asking;       /* what it does itself is not asked about */

static int may_write(int rules, const char *path, uint64_t files)
{
    struct stat status;
    struct beneath rule = {files, open(path, O_PATH | O_CLOEXEC)};
    int held;
    if (rule.path < 0)
        return errno == ENOENT || errno == EACCES || errno == ENOTDIR; /* not there: nothing to allow */
    if (fstat(rule.path, &status) != 0 || !S_ISDIR(status.st_mode))
        rule.allowed &= WRITE_FILE | TRUNCATE; /* of a file the kernel takes no others */
    held = syscall(ADD_RULE, rules, PATH_BENEATH, &rule, 0) == 0;
    close(rule.path);
    return held;
}

static int holds(struct ruleset *set, size_t *size)
{
    long version = syscall(CREATE_RULESET, NULL, 0, VERSION_ASKED);
    long errata = syscall(CREATE_RULESET, NULL, 0, ERRATA_ASKED);
    if (version < 1)
        return 0;
    set->files = WRITE_FILE | REMOVE_AND_MAKE | (version >= SINCE_REFER ? REFER : 0)
                 | (version >= SINCE_TRUNCATE ? TRUNCATE : 0);
    *size = sizeof set->files;
    if (version < SINCE_SCOPES || errata < 0 || !(errata & OWN_PROCESS_REPAIRED))
        return HOLDS_FILES;
    set->scopes = SCOPE_SIGNALS;
    *size = sizeof *set;
    return HOLDS_FILES | HOLDS_SIGNALS;
}

void rfh_confine_me(void)
{
    struct ruleset set = {0};
    size_t size = 0;
    int rules, held;
    if (!wanted || !holds(&set, &size))
        return;
    rules = (int)syscall(CREATE_RULESET, &set, size, 0);
    held = rules >= 0;
    for (Py_ssize_t i = 0; held && i < count; i++)
        held = may_write(rules, places[i], set.files);
    held = held && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && syscall(RESTRICT_SELF, rules, 0) == 0;
    if (rules >= 0)
        close(rules);
    if (!held)
        failed = 1;
}

int rfh_confine_failed(void) { return failed; }

int rfh_confine_wanted(void) { return wanted; }

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
    struct ruleset set = {0};
    size_t size = 0;
    return PyLong_FromLong(holds(&set, &size));
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
    rfh_denied_of_everybody(all && asked != Py_None);
    rest_thread = all ? 0 : PyThread_get_thread_ident();
    Py_XSETREF(rest, asked == Py_None ? NULL : Py_NewRef(asked));
    Py_RETURN_NONE;
}

int rfh_confine_rest(const char *event, PyObject *args)
{
    PyObject *told, *asked = rest;
    if (asked == NULL || asking || (rest_thread && rest_thread != PyThread_get_thread_ident())
        || !rfh_confine_changes(event, args))
        return 0;
    asking = 1;
    Py_INCREF(asked);
    told = PyObject_CallFunction(asked, "sO", event, args);
    Py_DECREF(asked);
    asking = 0;
    Py_XDECREF(told);
    return told ? 0 : -1;
}

int rfh_confine_made(PyObject *args)
{
    if (PyInterpreterState_Get() != PyInterpreterState_Main())
        return 0; /* its objects are its own */
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
