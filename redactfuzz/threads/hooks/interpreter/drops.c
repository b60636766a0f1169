#include "interpreter/drops.h"

#define Py_BUILD_CORE 1
#include <Python.h>
#include <internal/pycore_interp.h>
#undef Py_BUILD_CORE

#include <pthread.h>

#include "interpreter/interpose.h"
#include "state/execution.h"

static pthread_cond_t *given_up; /* NULL: not known */
static RFH_THREAD_LOCAL int probing;

static int requested(const rfh_thread *t)
{
#if PY_VERSION_HEX >= 0x030d0000
    return (__atomic_load_n(&t->tstate->eval_breaker, __ATOMIC_RELAXED) & 1u) != 0;
#else
    return __atomic_load_n((const int *)&t->tstate->interp->ceval.gil_drop_request, __ATOMIC_RELAXED) != 0;
#endif
}

static int signalled(pthread_cond_t *condition)
{
    rfh_thread *t = rfh_me;
    if (probing && given_up == NULL)
        given_up = condition;
    if (t && condition == given_up && t->quiet == 0 && !t->known_opaque && !requested(t))
        t->dropped = t->gave_up = 1, t->dropped_at = t->calling;
    return pthread_cond_signal(condition);
}

static const rfh_import imports[] = {
    {"pthread_cond_signal", (void *)signalled, (void *)pthread_cond_signal, NULL},
    {NULL, NULL, NULL, NULL},
};

int rfh_drops_install(void)
{
    if (given_up)
        return 1;
    rfh_interpose(imports);
    rfh_interpose_refresh();
    probing = 1;
    PyThreadState *mine = PyEval_SaveThread();
    PyEval_RestoreThread(mine);
    probing = 0;
    return given_up != NULL;
}
