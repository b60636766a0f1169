#include "code/found.h"

#include "code/codes.h"

static int note_site(PyObject *wanted, PyObject *into, uint64_t site, PyObject *code, Py_ssize_t index)
{
    PyObject *number = site ? PyLong_FromUnsignedLongLong(site) : NULL;
    int found = number ? PySet_Contains(wanted, number) : site ? -1 : 0;
    if (found > 0) {
        PyObject *place = Py_BuildValue("(On)", code, index);
        found = place ? PyDict_SetItem(into, number, place) : -1;
        Py_XDECREF(place);
    }
    Py_XDECREF(number);
    return found < 0 ? -1 : 0;
}

/* Names of a code object, and texts among its constants: keys are some. */
static int note_names(PyObject *wanted, PyObject *into, PyObject *texts)
{
    for (Py_ssize_t i = 0; texts && i < PyTuple_GET_SIZE(texts); i++) {
        PyObject *text = PyTuple_GET_ITEM(texts, i);
        uint32_t name = rfh_name_number(text);
        PyObject *number = name ? PyLong_FromUnsignedLong(name) : NULL;
        int found = number ? PySet_Contains(wanted, number) : name ? -1 : 0;
        if (found > 0)
            found = PyDict_SetItem(into, number, text);
        Py_XDECREF(number);
        if (found < 0)
            return -1;
    }
    return 0;
}

static int note_code(const rfh_code *table, PyObject *sites, PyObject *names, PyObject *places, PyObject *texts)
{
    PyCodeObject *code = (PyCodeObject *)table->code;
    int failed = note_site(sites, places, table->entry, table->code, -1);
    for (int32_t i = 0; !failed && i < table->count; i++)
        failed = note_site(sites, places, table->at[i].site, table->code, i);
    return failed || note_names(names, texts, code->co_names) != 0 || note_names(names, texts, code->co_consts) != 0;
}

PyObject *rfh_found(PyObject *module, PyObject *args)
{
    PyObject *sites, *names, *places = PyDict_New(), *texts = PyDict_New();
    if (!PyArg_ParseTuple(args, "O!O!", &PySet_Type, &sites, &PySet_Type, &names) || places == NULL || texts == NULL)
        goto failed;
    PyObject *code = rfh_codes_met() ? Py_NewRef(rfh_codes_met()->code) : NULL;
    while (code) { /* it is held, and the one behind it: what is made here may let the collector run */
        const rfh_code *table = rfh_code_of(code);
        int failed = table == NULL || note_code(table, sites, names, places, texts) != 0;
        PyObject *next = !failed && table->next ? Py_NewRef(table->next->code) : NULL;
        Py_DECREF(code);
        if (failed)
            goto failed;
        code = next;
    }
    return Py_BuildValue("(NN)", places, texts);
failed:
    Py_XDECREF(places);
    Py_XDECREF(texts);
    return NULL;
}
