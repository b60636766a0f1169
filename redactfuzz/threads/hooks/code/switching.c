#include "code/switching.h"

#include <Python.h>
#include <opcode.h>

#if PY_VERSION_HEX >= 0x030d0000 /* since then the headers say it */

#define Py_BUILD_CORE 1
#define NEED_OPCODE_METADATA
#include <internal/pycore_opcode_metadata.h>
#undef Py_BUILD_CORE

#include "code/codes.h"
#include "code/meanings.h"

int rfh_switching_is_known(void)
{
    for (int op = 0; op < MIN_INSTRUMENTED_OPCODE; op++) {
        if (_PyOpcode_OpName[op] == NULL || !OPCODE_HAS_EVAL_BREAK(op))
            continue;
        int base = _PyOpcode_Deopt[op], flags = rfh_meanings[base].flags;
        if (base == RESUME || (flags & RFH_BACKWARD) || rfh_switches_after(base, flags))
            continue;
        PyErr_Format(PyExc_ImportError,
                     "this build of Python can switch threads in the middle of %s, which redactfuzz does not know: what it "
                     "finds and proves there would not be true. Use a release of CPython 3.11 to 3.15 as it is.",
                     _PyOpcode_OpName[op]);
        return -1;
    }
    return 0;
}

#else

int rfh_switching_is_known(void) { return 0; }

#endif
