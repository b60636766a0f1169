#define PY_SSIZE_T_CLEAN
#include "codes.h"

#include <opcode.h>
#include <string.h>

#include "loops.h"
#include "naming.h"
#include "opcodes.h"

#if PY_VERSION_HEX < 0x030c0000
#define PyUnstable_Eval_RequestCodeExtraIndex _PyEval_RequestCodeExtraIndex
#define PyUnstable_Code_GetExtra _PyCode_GetExtra
#define PyUnstable_Code_SetExtra _PyCode_SetExtra
#endif

static Py_ssize_t extra_index = -1;
static char home[4096];

typedef struct meaning {
    uint8_t flags, kind;
} meaning;
static meaning meanings[256];

#define IS_PURE(op) meanings[op] = (meaning){0, 0};
#define IS_CALL(op) meanings[op] = (meaning){RFH_CALL | RFH_EFFECT, RF_RMW};
#define IS_BACKWARD(op) meanings[op] = (meaning){RFH_BACKWARD | RFH_EFFECT, RF_READ};
#define IS_WRITE(op) meanings[op] = (meaning){RFH_EFFECT, RF_WRITE};
#define IS_LOCAL_WRITE(op) meanings[op] = (meaning){RFH_EFFECT | RFH_LOCAL, RF_WRITE};

static void init_meanings(void)
{
    for (int op = 0; op < 256; op++)
        meanings[op] = (meaning){RFH_EFFECT, RF_READ};
    RFH_PURE(IS_PURE)
    RFH_CALLS(IS_CALL)
    RFH_BACKWARDS(IS_BACKWARD)
    RFH_WRITES(IS_WRITE)
    RFH_LOCAL_WRITES(IS_LOCAL_WRITE)
    meanings[RETURN_VALUE] = (meaning){RFH_RETURN | RFH_EFFECT | RFH_LOCAL, RF_WRITE};
    meanings[YIELD_VALUE] = (meaning){RFH_RETURN | RFH_EFFECT | RFH_LOCAL, RF_WRITE};
#ifdef PRECALL /* 3.11: PRECALL is where a call begins, CALL only goes on with it */
    IS_CALL(PRECALL)
    IS_PURE(CALL)
#else
    IS_CALL(CALL)
#endif
#ifdef KW_NAMES
    IS_PURE(KW_NAMES)
#endif
#ifdef CALL_KW
    IS_CALL(CALL_KW)
#endif
#ifdef LOAD_CLOSURE
    IS_PURE(LOAD_CLOSURE)
#endif
#ifdef END_FOR
    IS_PURE(END_FOR)
#endif
#ifdef END_SEND
    IS_PURE(END_SEND)
#endif
#ifdef LOAD_FAST_CHECK
    IS_PURE(LOAD_FAST_CHECK)
#endif
#ifdef LOAD_FAST_AND_CLEAR
    IS_PURE(LOAD_FAST_AND_CLEAR)
#endif
#ifdef LOAD_FAST_LOAD_FAST
    IS_PURE(LOAD_FAST_LOAD_FAST)
#endif
#ifdef STORE_FAST_LOAD_FAST
    IS_LOCAL_WRITE(STORE_FAST_LOAD_FAST)
#endif
#ifdef STORE_FAST_STORE_FAST
    IS_LOCAL_WRITE(STORE_FAST_STORE_FAST)
#endif
#ifdef SET_FUNCTION_ATTRIBUTE
    IS_PURE(SET_FUNCTION_ATTRIBUTE)
#endif
#ifdef TO_BOOL /* 3.13: TO_BOOL reads, the jump after it sees True or False */
    IS_PURE(POP_JUMP_IF_TRUE)
    IS_PURE(POP_JUMP_IF_FALSE)
#endif
#ifdef POP_JUMP_IF_NONE
    IS_PURE(POP_JUMP_IF_NONE)
    IS_PURE(POP_JUMP_IF_NOT_NONE)
#endif
#ifdef POP_JUMP_FORWARD_IF_NONE
    IS_PURE(POP_JUMP_FORWARD_IF_NONE)
    IS_PURE(POP_JUMP_FORWARD_IF_NOT_NONE)
    IS_BACKWARD(POP_JUMP_BACKWARD_IF_NONE)
    IS_BACKWARD(POP_JUMP_BACKWARD_IF_NOT_NONE)
    IS_BACKWARD(POP_JUMP_BACKWARD_IF_TRUE)
    IS_BACKWARD(POP_JUMP_BACKWARD_IF_FALSE)
#endif
#ifdef LOAD_LOCALS
    IS_PURE(LOAD_LOCALS)
#endif
#ifdef JUMP_BACKWARD_NO_INTERRUPT
    IS_PURE(JUMP_BACKWARD_NO_INTERRUPT)
#endif
#ifdef RETURN_CONST
    meanings[RETURN_CONST] = (meaning){RFH_RETURN | RFH_EFFECT | RFH_LOCAL, RF_WRITE};
#endif
}

static uint32_t name_hash(PyObject *text)
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
    case BINARY_SUBSCR:
    case STORE_SUBSCR:
    case DELETE_SUBSCR:
    case CONTAINS_OP:
        return SUBSCRIPT_NAME;
    default:
        return 0;
    }
    if (index < 0 || index >= PyTuple_GET_SIZE(code->co_names))
        return 0;
    return name_hash(PyTuple_GET_ITEM(code->co_names, index));
}

static int is_ours(PyCodeObject *code)
{
    const char *filename = PyUnicode_AsUTF8(code->co_filename);
    if (filename == NULL)
        return 0;
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

/* A `with` block ends by loading None three times and calling what it saved. */
static int ends_with_block(const uint8_t *units, Py_ssize_t index, int arg, PyCodeObject *code)
{
    if (arg != 2 || index < 3)
        return 0;
    for (Py_ssize_t i = index - 3; i < index; i++)
        if (units[2 * i] != LOAD_CONST || PyTuple_GET_ITEM(code->co_consts, units[2 * i + 1]) != Py_None)
            return 0;
    return 1;
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
        if (op == EXTENDED_ARG)
            continue;
        if (op == CACHE) {
            arg = 0;
            continue;
        }
        rfh_instruction *at = &table->at[i];
        at->flags = meanings[op].flags;
        at->kind = meanings[op].kind;
        at->opcode = (uint8_t)op;
        at->argument = (uint8_t)arg;
        at->name = name_at(code, op, arg);
        if (at->flags & RFH_BACKWARD)
            describe_loop(table, i, arg);
        if (op == BINARY_OP && arg >= 13) /* the in-place operators, opcode module's _nb_ops */
            at->kind = RF_RMW;
        /* A call without arguments right after GET_ITER runs a comprehension or a generator expression. */
        if ((at->flags & RFH_CALL) && last_op == GET_ITER && arg == 0)
            at->flags = RFH_EFFECT;
        if ((at->flags & RFH_CALL) && ends_with_block(units, i, arg, code))
            at->flags |= RFH_CLEANUP | RFH_WITH;
        if (op == BEFORE_WITH || op == WITH_EXCEPT_START)
            at->flags |= RFH_WITH;
        if (after_call)
            at->flags |= RFH_AFTER_CALL;
#ifdef PRECALL
        after_call = op == CALL || op == CALL_FUNCTION_EX;
#else
        after_call = (at->flags & RFH_CALL) && op != BEFORE_WITH && op != IMPORT_NAME && op != WITH_EXCEPT_START;
#endif
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
    }
    return extra;
}

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

int rfh_codes_init(void)
{
    init_meanings();
    if (rfh_naming_init() != 0 || find_library() != 0)
        return -1;
    extra_index = PyUnstable_Eval_RequestCodeExtraIndex(PyMem_RawFree);
    if (extra_index < 0) {
        PyErr_SetString(PyExc_RuntimeError, "no free slot for data on code objects: another tool uses them all");
        return -1;
    }
    return 0;
}
