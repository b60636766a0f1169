#include "parts.h"

#include "interpreter/collector.h"
#include "interpreter/interpose.h"
#include "interpreter/loading.h"
#include "interpreter/stacks.h"
#include "life/adopt.h"
#include "process/children.h"
#include "process/denied.h"
#include "process/watch.h"
#include "schedule/outside.h"
#include "touch/deaths.h"
#include "touch/touch.h"
#include "trace/source.h"
#include "trace/tracers.h"
#include "waits/clock.h"
#include "waits/freed.h"
#include "waits/kept.h"
#include "waits/locks.h"
#include "waits/pipes.h"
#include "waits/queues.h"
#include "waits/semaphores.h"
#include "world/death.h"
#include "world/event_loop.h"
#include "world/exits.h"
#include "world/leads.h"
#include "world/own.h"
#include "world/processors.h"
#include "world/randomness.h"
#include "world/release.h"
#include "world/sets.h"

/* In this order; removed in the reverse one. */
static const struct {
    int (*install)(void);
    void (*remove)(void);
} parts[] = {
    {rfh_freed_install, rfh_freed_remove},
    {rfh_touch_install, rfh_touch_remove},
    {rfh_deaths_install, rfh_deaths_remove},
    {rfh_locks_install, rfh_locks_remove},
    {rfh_queues_install, rfh_queues_remove},
    {rfh_kept_install, rfh_kept_remove},
    {rfh_pipes_install, rfh_pipes_remove},
    {rfh_semaphores_install, rfh_semaphores_remove},
    {rfh_leads_install, rfh_leads_remove},
    {rfh_clock_install, rfh_clock_remove},
    {rfh_processors_install, rfh_processors_remove},
    {rfh_own_install, rfh_own_remove},
    {rfh_denied_install, rfh_denied_remove},
    {rfh_collector_install, rfh_collector_remove},
    {rfh_sets_install, rfh_sets_remove},
    {rfh_adopt_install, rfh_adopt_remove},
    {rfh_randomness_install, rfh_randomness_remove},
    {rfh_stacks_install, rfh_stacks_remove},
    {rfh_death_install, rfh_death_remove},
    {rfh_children_install, rfh_children_remove},
    {rfh_exits_install, rfh_exits_remove},
    {rfh_event_loop_install, rfh_event_loop_remove},
    {rfh_source_install, rfh_source_remove},
    {rfh_watch_install, rfh_watch_remove},
    {rfh_tracers_install, rfh_tracers_remove},
    {rfh_release_install, rfh_release_remove},
    {rfh_loading_install, rfh_loading_remove},
};
enum { PARTS = sizeof parts / sizeof *parts };

static void remove_from(int last)
{
    PyObject *type, *value, *traceback; /* why one could not be installed */
    PyErr_Fetch(&type, &value, &traceback);
    while (last-- > 0)
        parts[last].remove();
    PyErr_Restore(type, value, traceback);
}

int rfh_parts_install(void)
{
    for (int i = 0; i < PARTS; i++)
        if (parts[i].install() != 0) {
            remove_from(i);
            return -1;
        }
    return 0;
}

void rfh_parts_remove(void) { remove_from(PARTS); }

void rfh_parts_begin(void)
{
    rfh_outside_begin();
    rfh_processors_begin();
    rfh_own_begin();
    rfh_collector_begin();
    rfh_interpose_refresh();
}
