#include "trace/focus.h"

#include <string.h>

uint32_t rfh_focus;
static uint32_t last; /* number of the last one */
static PyObject *places;
static int turned; /* they are not in it */

int rfh_focus_set(PyObject *given, int aside)
{
    if (!PyTuple_Check(given) || PyTuple_GET_SIZE(given) > RFH_PLACES) {
        PyErr_Format(PyExc_ValueError, "a focus is a tuple of at most %d files and folders", RFH_PLACES);
        return -1;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(given); i++)
        if (!PyUnicode_Check(PyTuple_GET_ITEM(given, i)) || PyUnicode_AsUTF8(PyTuple_GET_ITEM(given, i)) == NULL)
            return PyErr_Occurred() ? -1 : (PyErr_SetString(PyExc_TypeError, "a place of a focus is a text"), -1);
    if (PyTuple_GET_SIZE(given) == 0) {
        rfh_focus = 0;
        return 0;
    }
    int same = places ? PyObject_RichCompareBool(places, given, Py_EQ) : 0;
    if (same < 0)
        return -1;
    if (!same || turned != aside) {
        Py_XSETREF(places, Py_NewRef(given));
        turned = aside;
        last++;
    }
    rfh_focus = last;
    return 0;
}

/* Code without a file of its own, such as a method that dataclasses has made, is inside: it may be anybody's. */
void rfh_focus_look(PyObject *code, rfh_code *table)
{
    const char *filename = PyUnicode_AsUTF8(((PyCodeObject *)code)->co_filename);
    table->focus = rfh_focus;
    table->place = RFH_PLACES;
    table->outside = 0;
    if (filename == NULL) {
        PyErr_Clear(); /* a lone surrogate */
        return;
    }
    if (filename[0] == '<' && strncmp(filename, "<frozen ", 8) != 0)
        return;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(places); i++) {
        Py_ssize_t length;
        const char *place = PyUnicode_AsUTF8AndSize(PyTuple_GET_ITEM(places, i), &length);
        int folder = length > 0 && place[length - 1] == '/';
        if (folder ? strncmp(filename, place, (size_t)length) == 0 : strcmp(filename, place) == 0) {
            table->place = turned ? RFH_PLACES : (uint8_t)i;
            table->outside = (uint8_t)turned;
            return;
        }
    }
    table->outside = !turned;
}
