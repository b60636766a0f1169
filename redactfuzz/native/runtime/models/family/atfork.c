/* Handlers of pthread_atfork: those before a fork run in reverse order, those after it in the order of their registration. */
#include <errno.h>
#include <stddef.h>

#include "base/parts.h"
#include "models/family/fork.h"
#include "processor/aside.h"
#include "state/outcome.h"

enum { HANDLERS = 64 };

typedef struct handlers {
    rfn_handler *prepare, *parent, *child;
} handlers;

static RFN_STATE handlers known[HANDLERS];
static RFN_STATE unsigned count;
static unsigned kept; /* those that the program's constructors have registered: they stay */

static void reset(void)
{
    while (count > kept) {
        known[--count] = (handlers){NULL, NULL, NULL};
    }
}

static int keep(rfn_handler *prepare, rfn_handler *parent, rfn_handler *child)
{
    if (count == HANDLERS) {
        rfn_problem(RFN_PROBLEM_OUTSIDE, 0, "more than %d handlers of pthread_atfork, and no further one is kept", (int)HANDLERS);
        return -1;
    }
    known[count++] = (handlers){prepare, parent, child};
    kept += rfn_current == NULL;
    return 0;
}

int model_pthread_atfork(void (*prepare)(void), void (*parent)(void), void (*child)(void))
{
    return keep(prepare, parent, child) == 0 ? 0 : ENOMEM;
}

static void call(rfn_handler *handler)
{
    if (handler != NULL) {
        rfn_call_program((void *)handler, NULL, NULL);
    }
}

void rfn_atfork_before(void)
{
    for (unsigned i = count; i > 0; i--) {
        call(known[i - 1].prepare);
    }
}

void rfn_atfork_after(int in_child)
{
    for (unsigned i = 0; i < count; i++) {
        call(in_child ? known[i].child : known[i].parent);
    }
}

RFN_PART(RFN_ON_MODELS_FAMILY, atfork, .reset = reset);
