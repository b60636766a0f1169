/* A hand-over costs a fraction when nobody changes the processor. How many there are decides how many workers a program has. */
#define _GNU_SOURCE
#include "world/processors.h"

#include <sched.h>
#include <unistd.h>

#include "interpreter/interpose.h"
#include "state/execution.h"

static cpu_set_t before; /* what this process may use */
static cpu_set_t pinned; /* one of them; none: it is not pinned */
static cpu_set_t shown;  /* what the execution sees */

static int is_self(pid_t id) { return id == 0 || id == getpid() || id == gettid(); }

static int get_affinity(pid_t id, size_t size, cpu_set_t *mask)
{
    int failed = sched_getaffinity(id, size, mask);
    if (failed || rfh_me == NULL || CPU_COUNT(&pinned) == 0 || !is_self(id))
        return failed;
    for (size_t i = 0; i < CPU_SETSIZE && i < 8 * size; i++)
        if (CPU_ISSET(i, &shown))
            CPU_SET_S(i, size, mask);
        else
            CPU_CLR_S(i, size, mask);
    return 0;
}

static int set_affinity(pid_t id, size_t size, const cpu_set_t *mask)
{
    int failed = sched_setaffinity(id, size, mask);
    if (failed || rfh_me == NULL || CPU_COUNT(&pinned) == 0 || !is_self(id))
        return failed;
    if (sched_getaffinity(0, sizeof shown, &shown) != 0)
        shown = before;
    return sched_setaffinity(0, sizeof pinned, &pinned);
}

static const rfh_import imports[] = {
    {"sched_getaffinity", (void *)get_affinity, (void *)sched_getaffinity, NULL},
    {"sched_setaffinity", (void *)set_affinity, (void *)sched_setaffinity, NULL},
    {NULL, NULL, NULL, NULL},
};

int rfh_processors_install(void)
{
    rfh_interpose(imports);
    CPU_ZERO(&pinned);
    size_t cpus[CPU_SETSIZE], count = 0;
    if (sched_getaffinity(0, sizeof before, &before) != 0) /* there are more than we have room for */
        return 0;
    for (size_t i = 0; i < CPU_SETSIZE; i++)
        if (CPU_ISSET(i, &before))
            cpus[count++] = i;
    CPU_SET(cpus[(size_t)getpid() % count], &pinned);
    if (sched_setaffinity(0, sizeof pinned, &pinned) != 0)
        CPU_ZERO(&pinned);
    return 0;
}

void rfh_processors_begin(void) { shown = before; }

void rfh_processors_remove(void)
{
    if (CPU_COUNT(&pinned) > 0)
        sched_setaffinity(0, sizeof before, &before);
    CPU_ZERO(&pinned);
}
