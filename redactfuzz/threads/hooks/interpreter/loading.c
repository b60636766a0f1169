#define _GNU_SOURCE
#include "interpreter/loading.h"

#include <dlfcn.h>

#include "interpreter/interpose.h"
#include "interpreter/patch.h"

static rfh_patch patches[];
enum { EXTENSION, LIBRARY };

static PyObject *load_extension(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    PyObject *made = ((PyObject * (*)(PyObject *, PyObject *const *, Py_ssize_t))patches[EXTENSION].original)(module, args, count);
    rfh_interpose_refresh();
    return made;
}

static PyObject *load_library(PyObject *module, PyObject *args)
{
    PyObject *handle = ((PyCFunction)patches[LIBRARY].original)(module, args);
    rfh_interpose_refresh();
    return handle;
}

static rfh_patch patches[] = {
    [EXTENSION] = {"_imp", NULL, "create_dynamic", METH_FASTCALL, load_extension},
    [LIBRARY] = {"_ctypes", NULL, "dlopen", METH_VARARGS, load_library},
    {NULL},
};

/* Who asks for a function by name is handed what stands in for it: ctypes and cffi call by address. */
static void *find(void *handle, const char *name)
{
    void *found = dlsym(handle, name), *instead = rfh_stands_in_for(found);
    return instead ? instead : found;
}

static const rfh_import imports[] = {
    {"dlsym", (void *)find, (void *)dlsym, "_ctypes."},
    {"dlsym", (void *)find, (void *)dlsym, "_cffi_backend."},
    {NULL, NULL, NULL, NULL},
};

int rfh_loading_install(void)
{
    rfh_interpose(imports);
    int failed = rfh_patch_apply(patches);
    rfh_interpose_refresh(); /* whatever stands in by now, in what is loaded by now */
    return failed;
}

void rfh_loading_remove(void) { rfh_patch_undo(patches); }
