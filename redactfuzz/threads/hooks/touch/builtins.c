#include "touch/builtins.h"

#include <string.h>

#include "touch/attributes.h"
#include "touch/drains.h"
#include "touch/touch.h"
#include "touch/values.h"

static int all(const rfh_call *c, int (*holds)(PyObject *))
{
    for (Py_ssize_t i = 0; i < c->count; i++)
        if (!holds(c->args[i]))
            return 0;
    return !c->keywords;
}

static int changes(const rfh_call *c) { return rfh_touch(RF_WRITE, c->self, RFH_ALL_OF_IT); }

/* -- rows: what `self` and the arguments are, and what happens to them */

/* Nothing is touched, whatever it is given. */
static int nothing(rfh_call *c) { return !c->keywords; }
/* It computes with what nobody can change. */
static int of_plain(rfh_call *c) { return (c->self == NULL || rfh_is_plain(c->self)) && all(c, rfh_is_plain); }
/* It looks at all that its arguments hold, and compares or writes it. One of them may say what is compared: `key=len`. */
static int reads_or_is_key(PyObject *o)
{
    int is_length = PyCFunction_CheckExact(o) && strcmp(((PyCFunctionObject *)o)->m_ml->ml_name, "len") == 0;
    return is_length || o == (PyObject *)&PyUnicode_Type || rfh_reads(o);
}
static int of_all(rfh_call *c)
{
    if (c->keywords == RFH_UNSEEN)
        return 0;
    c->keywords = 0;
    Py_ssize_t first = c->count > 0 && PyGen_CheckExact(c->args[0]);
    if (first) {
        c->takes = RFH_TAKES_PLAIN;
        if (!rfh_drains(c->args[0], 1, &c->code))
            return 0;
    }
    for (Py_ssize_t i = first; i < c->count; i++)
        if (!reads_or_is_key(c->args[i]))
            return 0;
    return c->self == NULL || rfh_is_plain(c->self);
}
/* A pattern, or what it has found, never changes. */
static int of_pattern(rfh_call *c) { return all(c, rfh_is_plain); }
/* What was found in a buffer is read there when it is asked for. */
static int of_match(rfh_call *c)
{
    PyObject *in = c->self ? PyObject_GetAttrString(c->self, "string") : NULL;
    int plain = in && rfh_is_plain(in);
    Py_XDECREF(in);
    PyErr_Clear();
    return plain && all(c, rfh_is_plain);
}

/* What a pattern was made of becomes one: numbers in a list, names. */
static int is_looked_through(PyObject *o) { return rfh_goes_through_still(o) || rfh_reads(o); }
static int compiles(rfh_call *c) { return all(c, is_looked_through); }
/* A text that stands for what was found: one with a backslash is taken apart by code in Python. */
static int substitutes(rfh_call *c)
{
    PyObject *by = c->count > 0 ? c->args[0] : NULL;
    int text = by && PyUnicode_CheckExact(by), bytes = by && PyBytes_CheckExact(by);
    if ((!text && !bytes) || !all(c, rfh_is_plain))
        return 0;
    if (text)
        return PyUnicode_FindChar(by, '\\', 0, PyUnicode_GET_LENGTH(by), 1) == -1;
    return memchr(PyBytes_AS_STRING(by), '\\', (size_t)PyBytes_GET_SIZE(by)) == NULL;
}

static int takes_any(rfh_call *c) { return !c->keywords && changes(c); }
static int takes_still(rfh_call *c) { return all(c, rfh_is_still) && changes(c); }
static int takes_those_of(rfh_call *c) { return all(c, rfh_goes_through) && changes(c); }
static int takes_plain_ones_of(rfh_call *c) { return all(c, rfh_reads) && rfh_reads(c->self) && changes(c); }
static int compares(rfh_call *c) { return all(c, rfh_is_still) && rfh_goes_through_still(c->self); }
static int compares_and_changes(rfh_call *c) { return compares(c) && changes(c); }
static int looks_through(rfh_call *c) { return all(c, rfh_is_plain) && rfh_goes_through(c->self); }
static int copies(rfh_call *c) { return c->count == 0 && !c->keywords && rfh_goes_through(c->self); }

/* The length, and the item that was not there. */
static int appends(rfh_call *c)
{
    uint32_t place = RFH_FIRST_ITEM + 2 * ((uint32_t)PyList_GET_SIZE(c->self) & 0x3fffffff);
    return !c->keywords && rfh_touch(RF_WRITE, c->self, RFH_LENGTH) && rfh_touch(RF_WRITE, c->self, place);
}

/* d.get(key, other) */
static int gets(rfh_call *c)
{
    void *code = NULL;
    return c->count >= 1 && !c->keywords && rfh_touches_item(RF_READ, c->self, c->args[0], &code);
}

/* d.setdefault(key, value), d.pop(key, other) */
static int gets_or_changes(rfh_call *c)
{
    void *code = NULL;
    return c->count >= 1 && !c->keywords && rfh_touches_item(RF_WRITE, c->self, c->args[0], &code)
        && rfh_touch(RF_WRITE, c->self, RFH_ORDER);
}

/* d.keys(), globals(): what is seen through it is seen later. */
static int views(rfh_call *c) { return c->count == 0 && !c->keywords; }

/* d.update(other) of two dictionaries: keys are looked up, values handed on. */
static int updates(rfh_call *c)
{
    return c->count == 1 && !c->keywords && PyDict_CheckExact(c->args[0]) && rfh_has_still_keys(c->args[0])
        && rfh_has_still_keys(c->self) && rfh_touch(RF_READ, c->args[0], RFH_ALL_OF_IT) && changes(c);
}

/* object.__reduce_ex__(self, 4), as copy.copy calls it: the class is asked for methods of its own, and the attributes are handed over as one
 * dictionary. */
static int reduces(rfh_call *c)
{
    static const char *const own[] = {"__reduce__", "__getstate__", "__getnewargs__", "__getnewargs_ex__", "__slotnames__"};
    PyTypeObject *type = Py_TYPE(c->self);
    int plain = !c->keywords && c->count == 1 && rfh_is_plain(c->args[0]) && type->tp_new == PyBaseObject_Type.tp_new;
    for (size_t i = 0; plain && i < sizeof own / sizeof *own; i++) {
        PyObject *name = PyUnicode_InternFromString(own[i]), *usual = name ? _PyType_Lookup(&PyBaseObject_Type, name) : NULL;
        PyObject *found = name ? _PyType_Lookup(type, name) : NULL;
        /* The names of slots have been looked up before: else code of copyreg does that. */
        plain = i == sizeof own / sizeof *own - 1 ? found && PyList_CheckExact(found) && PyList_GET_SIZE(found) == 0 : found == usual;
        Py_XDECREF(name);
    }
    PyErr_Clear();
    return plain && rfh_hands_over_attributes(c->self);
}

static int of_length(rfh_call *c)
{
    return c->count == 1 && !c->keywords && rfh_reads_length(c->args[0], &c->code);
}

/* An abstract class (collections.abc) that was asked before, of the same class, asks no code: it has the answer. */
static int asks_abstract(rfh_call *c)
{
    enum { CACHE = 1, NEGATIVE = 2, PARTS = 4 };
    PyObject *module = PyImport_ImportModule("_abc"), *parts = NULL, *key = NULL;
    int known = 0;
    if (module && c->count == 2 && !c->keywords)
        parts = PyObject_CallMethod(module, "_get_dump", "O", c->args[0]);
    if (parts && PyTuple_Check(parts) && PyTuple_GET_SIZE(parts) == PARTS)
        key = PyWeakref_NewRef((PyObject *)Py_TYPE(c->args[1]), NULL);
    for (int i = CACHE; key && i <= NEGATIVE; i++)
        known |= PyAnySet_Check(PyTuple_GET_ITEM(parts, i)) && PySet_Contains(PyTuple_GET_ITEM(parts, i), key) > 0;
    Py_XDECREF(key);
    Py_XDECREF(parts);
    Py_XDECREF(module);
    PyErr_Clear();
    return known && rfh_touch(RF_READ, c->args[0], RFH_ALL_OF_IT);
}

/* What a class is, and what is made of it, is asked of the types themselves, unless a metaclass says otherwise. */
static int asks_type(rfh_call *c)
{
    if (c->count != 2 || c->keywords)
        return 0;
    PyObject *const *of = &c->args[1];
    Py_ssize_t count = 1;
    if (PyTuple_CheckExact(*of)) {
        count = PyTuple_GET_SIZE(*of);
        of = ((PyTupleObject *)*of)->ob_item;
    }
    PyObject *name = PyUnicode_InternFromString(PyType_Check(c->args[0]) ? "__subclasscheck__" : "__instancecheck__");
    PyObject *usual = name ? _PyType_Lookup(&PyType_Type, name) : NULL;
    Py_XDECREF(name); /* it is interned */
    for (Py_ssize_t i = 0; i < count; i++) {
        if (Py_TYPE(of[i]) == &PyType_Type || (usual && PyType_Check(of[i]) && _PyType_Lookup(Py_TYPE(of[i]), name) == usual))
            continue;
        if (c->code || PyType_Check(c->args[0]) || strcmp(Py_TYPE(of[i])->tp_name, "ABCMeta") != 0)
            return 0;
        c->code = rfh_code_of_method(of[i], "__instancecheck__");
        c->takes = RFH_TELLS;
        if (c->code == NULL)
            return 0;
    }
    if (PyType_Check(c->args[0]))
        return Py_TYPE(c->args[0]) == &PyType_Type;
    name = PyUnicode_InternFromString("__class__");
    int own = name == NULL || _PyType_Lookup(Py_TYPE(c->args[0]), name) != _PyType_Lookup(&PyBaseObject_Type, name);
    Py_XDECREF(name);
    return !own && Py_TYPE(c->args[0])->tp_getattro == PyObject_GenericGetAttr;
}

static int reads_named(rfh_call *c)
{
    return c->count >= 2 && !c->keywords && rfh_reads_attribute(c->args[0], c->args[1], &c->code);
}

static int stores_named(rfh_call *c)
{
    return c->count == 3 && !c->keywords && rfh_changes_attribute(c->args[0], c->args[1], c->args[2], &c->code);
}

static int deletes_named(rfh_call *c)
{
    return c->count == 2 && !c->keywords && rfh_changes_attribute(c->args[0], c->args[1], NULL, &c->code);
}

/* vars(x): its attributes as a dictionary; that of a module is where its globals are. */
static int hands_over(rfh_call *c)
{
    if (c->count != 1 || c->keywords)
        return 0;
    PyObject *owner = c->args[0], *name = PyUnicode_InternFromString("__dict__");
    int known = PyModule_CheckExact(owner) || (name && !PyType_Check(owner) && rfh_reads_attribute(owner, name, &c->code));
    Py_XDECREF(name); /* it is interned */
    PyErr_Clear();
    return known;
}

static int iterates(rfh_call *c) { return c->count == 1 && !c->keywords && rfh_goes_through(c->args[0]); }
static int next_of(rfh_call *c)
{
    return c->count >= 1 && !c->keywords && rfh_advances(c->args[0], 1 + c->holds, &c->code);
}

/* A codec that is part of the interpreter: others are looked up, and made. */
static int encodes(rfh_call *c)
{
    if (!of_plain(c) || c->count > 1)
        return 0;
    return c->count == 0 || PyUnicode_CompareWithASCIIString(c->args[0], "utf-8") == 0
        || PyUnicode_CompareWithASCIIString(c->args[0], "ascii") == 0;
}

/* Each look lets some time pass (waits/clock.c). */
static int looks_at_clock(rfh_call *c)
{
    if (rfh_is_atomic(rfh_me))
        return 0;
    rfh_touch_clock();
    return c->count == 0 && !c->keywords;
}

/* What locks do is reported as it is done (waits/locks.c). */
static int locks(rfh_call *c)
{
    if (rfh_is_atomic(rfh_me) || c->keywords || c->count > 2 || !all(c, rfh_is_plain))
        return 0; /* in the handler of a kill it is not reported */
    if (c->count == 2)
        rfh_touch_clock(); /* when its time is over */
    return 1;
}
static int unlocks(rfh_call *c) { return !c->keywords && !rfh_is_atomic(rfh_me); }

#define METHODS_1(T, F, a) {"builtins", T, a, F, NULL},
#define METHODS_2(T, F, a, b) METHODS_1(T, F, a) METHODS_1(T, F, b)
#define METHODS_4(T, F, a, b, c, d) METHODS_2(T, F, a, b) METHODS_2(T, F, c, d)
#define FUNCTIONS_4(F, a, b, c, d) METHODS_4(NULL, F, a, b, c, d)

rfh_builtin rfh_builtins[] = {
    FUNCTIONS_4(of_plain, "abs", "ord", "chr", "hex")
    FUNCTIONS_4(of_plain, "oct", "bin", "divmod", "pow")
    FUNCTIONS_4(of_plain, "round", "hash", "ascii", "format")
    FUNCTIONS_4(of_all, "min", "max", "sum", "sorted")
    FUNCTIONS_4(of_all, "any", "all", "repr", "str")
    {"builtins", NULL, "callable", nothing, NULL},
    METHODS_2(NULL, asks_type, "isinstance", "issubclass")
    METHODS_2(NULL, reads_named, "getattr", "hasattr")
    {"builtins", NULL, "vars", hands_over, NULL},
    {"builtins", NULL, "globals", views, NULL},
    {"builtins", NULL, "iter", iterates, NULL},
    {"builtins", NULL, "len", of_length, NULL},
    {"builtins", NULL, "setattr", stores_named, NULL},
    {"builtins", NULL, "delattr", deletes_named, NULL},
    {"builtins", NULL, "next", next_of, NULL},
    /* lists */
    {"builtins", "list", "append", appends, NULL},
    {"builtins", "list", "extend", takes_those_of, NULL},
    METHODS_4("list", takes_any, "insert", "pop", "clear", "reverse")
    METHODS_2("list", compares, "index", "count")
    {"builtins", "list", "remove", compares_and_changes, NULL},
    {"builtins", "list", "sort", takes_plain_ones_of, NULL},
    {"builtins", "list", "copy", copies, NULL},
    /* dictionaries */
    {"builtins", "dict", "get", gets, NULL},
    METHODS_2("dict", gets_or_changes, "setdefault", "pop")
    METHODS_2("dict", takes_any, "popitem", "clear")
    METHODS_4("dict", views, "keys", "values", "items", "__iter__")
    {"builtins", "dict", "copy", copies, NULL},
    {"builtins", "dict", "update", updates, NULL},
    {"builtins", "object", "__reduce_ex__", reduces, NULL},
    /* sets, of plain values */
    METHODS_4("set", compares_and_changes, "add", "discard", "remove", "pop")
    {"builtins", "set", "clear", takes_any, NULL},
    {"builtins", "set", "copy", copies, NULL},
    {"builtins", "set", "update", takes_plain_ones_of, NULL},
    /* text, bytes, numbers, tuples */
    METHODS_4("str", of_plain, "lower", "upper", "strip", "lstrip")
    METHODS_4("str", of_plain, "rstrip", "split", "rsplit", "splitlines")
    METHODS_4("str", of_plain, "replace", "find", "rfind", "index")
    METHODS_4("str", of_plain, "startswith", "endswith", "count", "title")
    METHODS_4("str", of_plain, "partition", "rpartition", "zfill", "center")
    METHODS_4("str", of_plain, "ljust", "rjust", "capitalize", "casefold")
    METHODS_4("str", of_plain, "isdigit", "isalpha", "isalnum", "isspace")
    METHODS_4("str", of_plain, "isupper", "islower", "isdecimal", "isidentifier")
    METHODS_4("str", of_plain, "removeprefix", "removesuffix", "expandtabs", "swapcase")
    METHODS_4("str", of_all, "join", "format", "translate", "format_map")
    {"builtins", "str", "encode", encodes, NULL},
    {"builtins", "bytes", "decode", encodes, NULL},
    METHODS_4("bytes", of_plain, "hex", "split", "replace", "find")
    METHODS_4("bytes", of_plain, "startswith", "endswith", "strip", "count")
    METHODS_4("bytearray", looks_through, "find", "count", "startswith", "endswith")
    METHODS_2("int", of_plain, "to_bytes", "bit_length")
    METHODS_2("tuple", of_plain, "index", "count")
    /* what threading, queue and logging are made of */
    {"collections", "deque", "append", takes_any, NULL},
    {"collections", "deque", "appendleft", takes_any, NULL},
    {"collections", "deque", "popleft", takes_any, NULL},
    {"collections", "deque", "pop", takes_any, NULL},
    {"collections", "deque", "clear", takes_any, NULL},
    {"collections", "deque", "remove", takes_still, NULL},
    {"re", "Pattern", "match", of_pattern, NULL},
    {"re", "Pattern", "search", of_pattern, NULL},
    {"re", "Pattern", "fullmatch", of_pattern, NULL},
    {"re", "Pattern", "findall", of_pattern, NULL},
    {"re", "Pattern", "split", of_pattern, NULL},
    {"re", "Pattern", "sub", substitutes, NULL},
    {"re", "Pattern", "subn", substitutes, NULL},
    {"_sre", NULL, "compile", compiles, NULL},
    {"re", "Match", "group", of_match, NULL},
    {"re", "Match", "groups", of_match, NULL},
    {"re", "Match", "start", of_match, NULL},
    {"re", "Match", "end", of_match, NULL},
    {"re", "Match", "span", of_match, NULL},
    /* clocks, and what does not change while a process runs */
    {"time", NULL, "time", looks_at_clock, NULL},
    {"time", NULL, "time_ns", looks_at_clock, NULL},
    {"time", NULL, "monotonic", looks_at_clock, NULL},
    {"time", NULL, "monotonic_ns", looks_at_clock, NULL},
    {"time", NULL, "perf_counter", looks_at_clock, NULL},
    {"_abc", NULL, "_abc_instancecheck", asks_abstract, NULL},
    {"_json", NULL, "encode_basestring_ascii", of_plain, NULL},
    {"_json", NULL, "encode_basestring", of_plain, NULL},
    {"posix", NULL, "getpid", nothing, NULL},
    {"posix", NULL, "fspath", of_plain, NULL},
    {"sys", NULL, "_getframe", of_plain, NULL}, /* of this thread */
    /* locks, and who asks */
    {"_thread", NULL, "allocate_lock", nothing, NULL},
    {"_thread", NULL, "get_ident", nothing, NULL},
    {"_thread", "lock", "acquire", locks, NULL},
    {"_thread", "lock", "__enter__", locks, NULL},
    {"_thread", "lock", "release", unlocks, NULL},
    {"_thread", "lock", "__exit__", unlocks, NULL},
    {"_thread", "RLock", "acquire", locks, NULL},
    {"_thread", "RLock", "__enter__", locks, NULL},
    {"_thread", "RLock", "release", unlocks, NULL},
    {"_thread", "RLock", "__exit__", unlocks, NULL},
    {"_thread", "RLock", "_release_save", unlocks, NULL},
    {"_thread", "RLock", "_acquire_restore", unlocks, NULL},
    {"_thread", "RLock", "_is_owned", nothing, NULL},
    {NULL},
};

int rfh_changes_something(const rfh_builtin *row)
{
    static const rfh_footprint those[] = {takes_any,  takes_still,   takes_those_of, takes_plain_ones_of, compares_and_changes, appends,
                                          gets_or_changes, updates, stores_named,   deletes_named,       next_of,              locks,
                                          unlocks};
    for (size_t i = 0; i < sizeof those / sizeof *those; i++)
        if (row->touches == those[i])
            return 1;
    return 0;
}
