#include "code/naming.h"

#include <string.h>

/* FNV-1a, 64 bit (Fowler, Noll, Vo): small, and the same in every process and on every machine. */
static uint64_t hash_bytes(uint64_t hash, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (uint8_t)bytes[i]) * 0x100000001b3u;
    return hash;
}

uint64_t rfh_hash_text(uint64_t hash, const char *text) { return hash_bytes(hash, text, strlen(text) + 1); }

/* The module a file stands for: its stem, or the folder of a package's __init__. */
static void module_of(const char *filename, char *out, size_t size)
{
    const char *end = filename + strlen(filename);
    if (end - filename > 3 && strcmp(end - 3, ".py") == 0)
        end -= 3;
    const char *start = end;
    while (start > filename && start[-1] != '/')
        start--;
    if (end - start == 8 && strncmp(start, "__init__", 8) == 0 && start > filename) {
        end = start - 1;
        start = end;
        while (start > filename && start[-1] != '/')
            start--;
    }
    size_t length = (size_t)(end - start);
    if (length >= size)
        length = size - 1;
    memcpy(out, start, length);
    out[length] = 0;
}

int rfh_is_comprehension(const char *name)
{
    return strcmp(name, "<listcomp>") == 0 || strcmp(name, "<dictcomp>") == 0 || strcmp(name, "<setcomp>") == 0;
}

/* 3.11 gives comprehensions functions of their own; sites in them are named as 3.12 does, as part of the function
 * around them, so that a schedule of calls replays everywhere. Line of that function, by code object. */
static PyObject *parents; /* id(code) -> (first line, qualified name) */

int rfh_note_comprehensions(PyCodeObject *code, int first_line, const char *qualname)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(code->co_consts); i++) {
        PyObject *item = PyTuple_GET_ITEM(code->co_consts, i);
        if (!PyCode_Check(item) || !rfh_is_comprehension(PyUnicode_AsUTF8(((PyCodeObject *)item)->co_name)))
            continue;
        PyObject *key = PyLong_FromVoidPtr(item), *value = Py_BuildValue("(is)", first_line, qualname);
        int failed = key == NULL || value == NULL || PyDict_SetItem(parents, key, value) != 0;
        Py_XDECREF(key);
        Py_XDECREF(value);
        if (failed)
            return -1;
    }
    return 0;
}

int rfh_name_code(PyCodeObject *code, rfh_naming *n)
{
    /* A name of bytes that are no UTF-8 holds lone surrogates, which are written as escapes. */
    PyObject *filename = PyUnicode_AsEncodedString(code->co_filename, "utf-8", "backslashreplace");
    n->function = PyUnicode_AsUTF8(code->co_qualname);
    if (filename == NULL || n->function == NULL) {
        Py_XDECREF(filename);
        return -1;
    }
    module_of(PyBytes_AS_STRING(filename), n->module, sizeof n->module);
    Py_DECREF(filename);
    n->first_line = code->co_firstlineno;
    n->owner = NULL;
    if (rfh_is_comprehension(PyUnicode_AsUTF8(code->co_name))) {
        PyObject *key = PyLong_FromVoidPtr(code);
        PyObject *parent = key ? PyDict_GetItem(parents, key) : NULL;
        Py_XDECREF(key);
        if (parent) {
            n->first_line = (int)PyLong_AsLong(PyTuple_GET_ITEM(parent, 0));
            n->owner = Py_NewRef(PyTuple_GET_ITEM(parent, 1));
            n->function = PyUnicode_AsUTF8(n->owner);
        }
    }
    n->prefix = rfh_hash_text(rfh_hash_text(RFH_HASH_BASIS, n->module), n->function);
    return 0;
}

void rfh_place_of_call(PyCodeObject *code, const rfh_naming *n, Py_ssize_t index, int with, char *out, size_t size)
{
    int line = -1, column = -1, end_line = -1, end_column = -1;
    if (with)
        PyOS_snprintf(out, size, "+%d:with", PyCode_Addr2Line(code, (int)index * 2) - n->first_line);
    else if (!PyCode_Addr2Location(code, (int)index * 2, &line, &column, &end_line, &end_column) || column < 0)
        PyOS_snprintf(out, size, "+%d#%zd", line - n->first_line, index);
    else if (end_line == line)
        PyOS_snprintf(out, size, "+%d:%d-%d", line - n->first_line, column, end_column);
    else
        PyOS_snprintf(out, size, "+%d:%d-%d:%d", line - n->first_line, column, end_line - n->first_line, end_column);
}

uint64_t rfh_site_hash(const rfh_naming *n, const char *place)
{
    uint64_t hash = rfh_hash_text(n->prefix, place);
    return hash ? hash : 1;
}

uint64_t rfh_site_of_start(PyObject *thread_name)
{
    const char *text = PyUnicode_AsUTF8(thread_name);
    uint64_t hash = rfh_hash_text(rfh_hash_text(rfh_hash_text(RFH_HASH_BASIS, "<start>"), text ? text : ""), "");
    return hash ? hash : 1;
}

int rfh_naming_init(void)
{
    parents = PyDict_New();
    return parents ? 0 : -1;
}
