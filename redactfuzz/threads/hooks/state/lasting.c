#include "state/lasting.h"

#include "state/execution.h"

/* A plain form of one secret, masked: in clear it would be found in a dump of this process. */
typedef struct form {
    const unsigned char *masked;
    Py_ssize_t size;
    unsigned char mask;
    uint64_t name; /* of the secret */
} form;

enum { MOST = 4096 /* letters of a text are looked at: it may be large */ };

typedef struct letters {
    int kind;
    const void *data;
    Py_ssize_t count;
} letters;

static PyObject *asked; /* the list that holds all of them; NULL: it has not been asked for */
static form *forms;
static Py_ssize_t count;

static uint64_t hash_of_name(const char *name)
{
    uint64_t hash = 0;
    while (name && *name)
        hash = rfh_mixed(hash + (unsigned char)*name++);
    return hash;
}

static void ask_for_forms(void)
{
    asked = rfh_announce("secret_forms", "()");
    forms = asked ? PyMem_Calloc((size_t)PyList_GET_SIZE(asked) + 1, sizeof *forms) : NULL;
    for (Py_ssize_t i = 0; forms && i < PyList_GET_SIZE(asked); i++) {
        PyObject *name, *masked;
        form *each = &forms[count];
        if (!PyArg_ParseTuple(PyList_GET_ITEM(asked, i), "UbS", &name, &each->mask, &masked))
            break;
        each->masked = (const unsigned char *)PyBytes_AS_STRING(masked);
        each->size = PyBytes_GET_SIZE(masked);
        if (each->size == 0)
            continue;
        each->name = hash_of_name(PyUnicode_AsUTF8(name));
        count++;
    }
    if (asked == NULL)
        asked = Py_NewRef(Py_None);
    PyErr_Clear(); /* there is no memory: the texts have the order of their hashes */
}

void rfh_forget_forms(void)
{
    Py_CLEAR(asked);
    PyMem_Free(forms);
    forms = NULL;
    count = 0;
}

static const form *form_at(const letters *text, Py_ssize_t at)
{
    for (const form *each = forms; each < forms + count; each++) {
        Py_ssize_t i = 0;
        while (i < each->size && at + i < text->count
               && PyUnicode_READ(text->kind, text->data, at + i) == (Py_UCS4)(each->masked[i] ^ each->mask))
            i++;
        if (i == each->size)
            return each;
    }
    return NULL;
}

static letters letters_of(PyObject *item)
{
    letters text = {0};
    if (PyUnicode_CheckExact(item))
        text = (letters){PyUnicode_KIND(item), PyUnicode_DATA(item), PyUnicode_GET_LENGTH(item)};
    else if (PyBytes_CheckExact(item))
        text = (letters){PyUnicode_1BYTE_KIND, PyBytes_AS_STRING(item), PyBytes_GET_SIZE(item)};
    text.count = text.count < MOST ? text.count : MOST;
    return text;
}

/* Of a text or of bytes: their letters, with the names of secrets in place of those. 0 for anything else. */
static uint64_t of_letters(PyObject *item, int *holds)
{
    letters text = letters_of(item);
    uint64_t number = 0;
    if (text.count > 0 && asked == NULL)
        ask_for_forms();
    for (Py_ssize_t at = 0; at < text.count;) {
        const form *each = form_at(&text, at);
        number = rfh_mixed(number + (each ? each->name : PyUnicode_READ(text.kind, text.data, at)) + 1);
        at += each ? each->size : 1;
        *holds |= each != NULL;
    }
    return number;
}

static uint64_t around_secrets(PyObject *item)
{
    int holds = 0;
    uint64_t number = of_letters(item, &holds);
    return holds ? number + (number == 0) : 0;
}

static int is_addressed(PyObject *item) { return Py_TYPE(item)->tp_hash == PyBaseObject_Type.tp_hash; }

/* Of what an object is made of: a text, bytes or a number; of anything else no more than its class. */
static uint64_t plain(PyObject *item)
{
    int ignored = 0;
    uint64_t number = of_letters(item, &ignored);
    return number + (PyLong_CheckExact(item) ? (uint64_t)PyObject_Hash(item) : hash_of_name(Py_TYPE(item)->tp_name));
}

/* Of what hashes by its address: the name of a class or function, the plain attributes of an object. No code of its runs. */
static uint64_t likeness(PyObject *item)
{
    uint64_t sum = hash_of_name(Py_TYPE(item)->tp_name);
    if (PyType_Check(item))
        return sum + hash_of_name(((PyTypeObject *)item)->tp_name);
    if (PyFunction_Check(item)) {
        PyCodeObject *code = (PyCodeObject *)PyFunction_GET_CODE(item);
        return sum + plain(((PyFunctionObject *)item)->func_qualname) + rfh_mixed((uint64_t)code->co_firstlineno);
    }
    PyObject *attributes = PyObject_GenericGetDict(item, NULL);
    PyObject *name, *value;
    for (Py_ssize_t at = 0; attributes && PyDict_Next(attributes, &at, &name, &value);)
        sum += rfh_mixed(plain(name) + rfh_mixed(plain(value)));
    Py_XDECREF(attributes);
    PyErr_Clear(); /* it has none */
    return sum;
}

static uint64_t of_tuple(PyObject *items)
{
    uint64_t number = 0;
    int lasts = 1;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(items); i++) {
        uint64_t part = rfh_lasting(PyTuple_GET_ITEM(items, i));
        number = rfh_mixed(number + (part ? part : plain(PyTuple_GET_ITEM(items, i))));
        lasts &= part == 0;
    }
    return lasts ? 0 : number + (number == 0);
}

uint64_t rfh_lasting(PyObject *item)
{
    if (PyTuple_CheckExact(item))
        return of_tuple(item);
    if (PyMethod_Check(item)) /* it hashes by the address of what it belongs to */
        return rfh_mixed(likeness(PyMethod_GET_SELF(item))) + likeness(PyMethod_GET_FUNCTION(item)) + 1;
    return is_addressed(item) ? likeness(item) + 1 : around_secrets(item);
}

uint64_t rfh_lasting_class(PyObject *item) { return is_addressed(item) ? hash_of_name(Py_TYPE(item)->tp_name) : rfh_lasting(item); }
