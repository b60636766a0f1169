#define PY_SSIZE_T_CLEAN
#include "code/codes.h"

#include <opcode.h>
#include <string.h>

#include "code/meanings.h"
#include "code/naming.h"
#include "code/switching.h"

#if PY_VERSION_HEX < 0x030c0000
#define PyUnstable_Eval_RequestCodeExtraIndex _PyEval_RequestCodeExtraIndex
#define PyUnstable_Code_GetExtra _PyCode_GetExtra
#define PyUnstable_Code_SetExtra _PyCode_SetExtra
#endif

static Py_ssize_t extra_index = -1;
static char home[4096];
static PyObject *files_met; /* of the code that has been met, but for ours */
static rfh_code *tables;

uint32_t rfh_name_number(PyObject *text)
{
    const char *utf8 = text && PyUnicode_Check(text) ? PyUnicode_AsUTF8(text) : NULL;
    if (utf8 == NULL) {
        PyErr_Clear();
        return 0;
    }
    return (uint32_t)(rfh_hash_text(RFH_HASH_BASIS, utf8) >> 32) | 1u;
}

enum { SUBSCRIPT_NAME = 2 }; /* even: no name's hash */

static uint32_t name_at(PyCodeObject *code, int op, int arg)
{
    Py_ssize_t index = -1;
    if (rfh_is_subscript(op, arg))
        return SUBSCRIPT_NAME;
    switch (op) {
    case LOAD_GLOBAL:
        index = arg >> 1;
        break;
    case LOAD_ATTR:
        index = PY_VERSION_HEX >= 0x030c0000 ? arg >> 1 : arg;
        break;
    case STORE_ATTR:
    case DELETE_ATTR:
    case STORE_GLOBAL:
    case DELETE_GLOBAL:
    case LOAD_NAME:
    case STORE_NAME:
#ifdef LOAD_METHOD
    case LOAD_METHOD:
#endif
        index = arg;
        break;
    default:
        return 0;
    }
    if (index < 0 || index >= PyTuple_GET_SIZE(code->co_names))
        return 0;
    return rfh_name_number(PyTuple_GET_ITEM(code->co_names, index));
}

static int is_ours(PyCodeObject *code)
{
    const char *filename = PyUnicode_AsUTF8(code->co_filename);
    if (filename == NULL) {
        PyErr_Clear(); /* a lone surrogate */
        return 0;
    }
    /* attrs compiles methods of our classes under names of its own. */
    return (home[0] && strncmp(filename, home, strlen(home)) == 0)
        || (strncmp(filename, "<attrs generated", 16) == 0 && strstr(filename, "redactfuzz.") != NULL);
}

static int is_cleanup(const char *name)
{
    static const char *const names[] = {"__exit__", "__enter__", "release", "_release_save", "_acquire_restore"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(name, names[i]) == 0)
            return 1;
    return 0;
}

static char library[4096]; /* folder of the standard library */

int rfh_is_library(PyCodeObject *code)
{
    const char *filename = PyUnicode_AsUTF8(code->co_filename);
    if (filename == NULL) {
        PyErr_Clear(); /* a lone surrogate */
        return 0;
    }
    size_t length = strlen(library);
    int inside = length > 0 && strncmp(filename, library, length) == 0 && strstr(filename, "-packages/") == NULL;
    return inside || strncmp(filename, "<frozen ", 8) == 0;
}

static uint8_t origin_of(PyCodeObject *code)
{
    const char *filename = PyUnicode_AsUTF8(code->co_filename);
    if (filename == NULL)
        PyErr_Clear();
    if (filename && strstr(filename, "-packages/") != NULL)
        return RF_PACKAGE;
    return rfh_is_library(code) ? RF_LIBRARY : RF_OWN;
}

static int is_machinery(PyCodeObject *code)
{
    static const char *const files[] = {"/threading.py", "/queue.py", "/weakref.py", "/_weakrefset.py",
                                        "/concurrent/futures/thread.py", "/concurrent/futures/_base.py"};
    const char *filename = PyUnicode_AsUTF8(code->co_filename);
    size_t length = strlen(library);
    if (filename == NULL)
        PyErr_Clear();
    if (filename == NULL || length == 0 || strncmp(filename, library, length) != 0)
        return 0;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        if (strcmp(filename + length, files[i]) == 0)
            return 1;
    return 0;
}

static int find_library(void)
{
    PyObject *os = PyImport_ImportModule("os");
    PyObject *file = os ? PyObject_GetAttrString(os, "__file__") : NULL;
    const char *text = file ? PyUnicode_AsUTF8(file) : NULL;
    const char *end = text ? strrchr(text, '/') : NULL;
    if (end)
        PyOS_snprintf(library, sizeof library, "%.*s", (int)(end - text), text);
    Py_XDECREF(os);
    Py_XDECREF(file);
    return text ? 0 : -1;
}

/* What lies between a backward jump and its target. */
static void describe_loop(rfh_code *table, Py_ssize_t index, int distance)
{
    rfh_instruction *jump = &table->at[index];
    Py_ssize_t from = index + 1 - distance;
    jump->name = from < 0 ? 0 : (uint32_t)from;
    jump->argument = 0;
    for (Py_ssize_t i = jump->name; i < index; i++) {
        const rfh_instruction *at = &table->at[i];
        if (at->opcode == FOR_ITER)
            jump->argument |= RFH_LOOP_ITERATES | RFH_LOOP_WRITES;
        else if (at->kind == RF_WRITE || at->kind == RF_RMW)
            jump->argument |= RFH_LOOP_WRITES;
    }
}

int rfh_argument_of(const rfh_code *table, Py_ssize_t index)
{
    int arg = table->at[index].argument;
    for (int shift = 8; index > 0 && shift < 32 && table->at[index - 1].opcode == EXTENDED_ARG; shift += 8)
        arg |= table->at[--index].argument << shift;
    return arg;
}

static rfh_code *build(PyCodeObject *code)
{
    PyObject *bytes = PyCode_GetCode(code);
    if (bytes == NULL)
        return NULL;
    const uint8_t *units = (const uint8_t *)PyBytes_AS_STRING(bytes);
    Py_ssize_t count = PyBytes_GET_SIZE(bytes) / 2;
    rfh_code *table = PyMem_RawCalloc(1, sizeof *table + (size_t)count * sizeof table->at[0]);
    rfh_naming n;
    if (table == NULL || rfh_name_code(code, &n) != 0) {
        PyMem_RawFree(table);
        Py_DECREF(bytes);
        return table == NULL ? (rfh_code *)PyErr_NoMemory() : NULL;
    }
    table->count = (int32_t)count;
    table->ours = is_ours(code);
    table->inlined = rfh_is_comprehension(PyUnicode_AsUTF8(code->co_name));
    table->cleanup = is_cleanup(PyUnicode_AsUTF8(code->co_name));
    table->machinery = is_machinery(code);
    table->origin = origin_of(code);
    table->loop = strcmp(n.module, "base_events") == 0 && strcmp(n.function, "BaseEventLoop.run_forever") == 0;
    table->entry = rfh_site_hash(&n, "+0");
    int arg = 0, last_op = -1, after_call = 0;
    for (Py_ssize_t i = 0; i < count && !table->ours; i++) {
        int op = units[2 * i];
        arg = (arg << 8) | units[2 * i + 1];
        if (op == EXTENDED_ARG) {
            table->at[i].opcode = EXTENDED_ARG;
            table->at[i].argument = units[2 * i + 1];
            continue;
        }
        if (op == CACHE) {
            arg = 0;
            continue;
        }
        rfh_instruction *at = &table->at[i];
        at->flags = rfh_meanings[op].flags;
        at->kind = rfh_is_in_place(op, arg) ? RF_RMW : rfh_meanings[op].kind;
        at->opcode = (uint8_t)op;
        at->argument = (uint8_t)arg;
        at->name = name_at(code, op, arg);
        if (at->flags & RFH_BACKWARD)
            describe_loop(table, i, arg);
        if ((at->flags & RFH_CALL) && arg == 0 && rfh_runs_generator(code, units, i, last_op))
            at->flags = RFH_EFFECT;
        if ((at->flags & RFH_CALL) && rfh_leaves_with_block(code, units, i, arg))
            at->flags |= RFH_CLEANUP | RFH_WITH;
        if (rfh_enters_with_block(op, last_op) || op == WITH_EXCEPT_START)
            at->flags |= RFH_WITH;
        if (after_call)
            at->flags |= RFH_AFTER_CALL;
        after_call = rfh_switches_after(op, at->flags);
        char place[96];
        if (at->flags & RFH_CALL) {
            rfh_place_of_call(code, &n, i, (at->flags & RFH_WITH) != 0, place, sizeof place);
            at->site = rfh_site_hash(&n, place);
        } else {
            PyOS_snprintf(place, sizeof place, "#%zd", i);
            at->site = rfh_site_hash(&n, place);
        }
        last_op = op;
        arg = 0;
    }
    int failed = rfh_note_comprehensions(code, n.first_line, n.function);
    failed |= !table->ours && PySet_Add(files_met, code->co_filename) != 0;
    Py_XDECREF(n.owner);
    Py_DECREF(bytes);
    if (failed) {
        PyMem_RawFree(table);
        return NULL;
    }
    return table;
}

rfh_code *rfh_code_of(PyObject *code)
{
    void *extra = NULL;
    if (PyUnstable_Code_GetExtra(code, extra_index, &extra) != 0)
        return NULL;
    if (extra == NULL) {
        extra = build((PyCodeObject *)code);
        if (extra == NULL || PyUnstable_Code_SetExtra(code, extra_index, extra) != 0) {
            PyMem_RawFree(extra);
            return NULL;
        }
        rfh_code *table = extra;
        table->code = code;
        table->next = tables;
        if (tables)
            tables->previous = table;
        tables = table;
    }
    return extra;
}

rfh_code *rfh_codes_met(void) { return tables; }

PyObject *rfh_files_met(PyObject *module, PyObject *ignored) { return PySet_New(files_met); }

PyObject *rfh_site_name(PyObject *object, Py_ssize_t index)
{
    PyCodeObject *code = (PyCodeObject *)object;
    rfh_code *table = rfh_code_of(object);
    rfh_naming n;
    char place[96] = "+0";
    if (table == NULL || rfh_name_code(code, &n) != 0)
        return NULL;
    if (index >= 0 && index < table->count) {
        if (table->at[index].flags & RFH_CALL)
            rfh_place_of_call(code, &n, index, (table->at[index].flags & RFH_WITH) != 0, place, sizeof place);
        else
            PyOS_snprintf(place, sizeof place, "#%zd", index);
    }
    PyObject *name = Py_BuildValue("(sss)", n.module, n.function, place);
    Py_XDECREF(n.owner);
    return name;
}

int rfh_codes_set_home(PyObject *directory)
{
    const char *text = PyUnicode_AsUTF8(directory);
    if (text == NULL)
        return -1;
    PyOS_snprintf(home, sizeof home, "%s/", text);
    return 0;
}

static void let_go(void *extra)
{
    rfh_code *table = extra;
    if (table->next)
        table->next->previous = table->previous;
    if (table->previous)
        table->previous->next = table->next;
    else
        tables = table->next;
    Py_XDECREF(table->depths);
    PyMem_RawFree(table);
}

int rfh_codes_init(void)
{
    rfh_meanings_init();
    if (rfh_switching_is_known() != 0 || rfh_naming_init() != 0 || find_library() != 0)
        return -1;
    extra_index = PyUnstable_Eval_RequestCodeExtraIndex(let_go);
    files_met = PySet_New(NULL);
    if (files_met == NULL)
        return -1;
    if (extra_index < 0) {
        PyErr_SetString(PyExc_RuntimeError, "no free slot for data on code objects: another tool uses them all");
        return -1;
    }
    return 0;
}
