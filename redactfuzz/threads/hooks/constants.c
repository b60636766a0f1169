#include "constants.h"

#include "code/codes.h"
#include "process/confine.h"
#include "process/watch.h"
#include "state/execution.h"
#include "world/randomness.h"
#include "world/sets.h"

/* Under its name here, without RFH_. */
#define SAME(name) {#name, RFH_##name}
static const struct {
    const char *name;
    int value;
} constants[] = {
    SAME(MAX_THREADS), SAME(WATCH_STATUS),
    SAME(EXPLORE), /* the last phase in which an execution counts: later the process is dead */
    SAME(WATCHDOG), SAME(EXCEPTION), SAME(SIGNAL), SAME(KILL),
    SAME(HOLDS_FILES), SAME(HOLDS_SIGNALS),
    SAME(DRAWN_GENERATOR), SAME(DRAWN_SYSTEM), SAME(DRAWN_IDENTITY),
    SAME(SETS_OF_MORE), SAME(SETS_ALIKE), SAME(SETS_HASHED),
    SAME(CALL), SAME(AFTER_CALL), SAME(BACKWARD), SAME(EFFECT), SAME(LOCAL), SAME(WITH), SAME(CLEANUP),
};

int rfh_constants_init(PyObject *module)
{
    for (size_t i = 0; i < sizeof constants / sizeof *constants; i++)
        if (PyModule_AddIntConstant(module, constants[i].name, constants[i].value) != 0)
            return -1;
    return 0;
}
