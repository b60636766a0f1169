#include "trace/loops.h"

#include "schedule/dispatch.h"
#include "schedule/end.h"
#include "schedule/turn.h"

static uint32_t *passes_of(rfh_thread *t, uint64_t site)
{
    /* Loops that share a place are counted together: what matters is that the same schedule gives the same count. */
    return &t->passes[(site ^ site >> 32) % RFH_LOOPS];
}

static void enter(rfh_thread *t, PyObject *code, Py_ssize_t from, Py_ssize_t to, int goes_on)
{
    t->goes_on = (uint8_t)goes_on;
    t->loop_code = code;
    t->loop_from = (int32_t)from;
    t->loop_to = (int32_t)to;
    t->inside = RFH_INSIDE;
}

/* Nobody gets out of it: the execution ends here. */
static void end(rfh_thread *t)
{
    if (rfh.phase != RFH_AFTER) {
        rfh.end_state = RF_STEP_LIMIT;
        rfh.spinning = t->id;
    }
    rfh_start_drain();
    rfh.phase = RFH_UNWIND;
    rfh_announce_death();
}

/* Whether the thread passes a loop that asks for something again and again, and changes nothing meanwhile: who could change it must
 * come, as where somebody sleeps for no time. A loop over something comes to its end by itself. */
static int polls(rfh_thread *t, const rfh_instruction *at)
{
    if (at->argument & RFH_LOOP_ITERATES)
        return 0;
    if (!t->gave_up || at->site != t->polling)
        t->polls = 0;
    t->polling = at->site;
    t->polls += t->gave_up;
    t->gave_up = 0;
    return t->polls > RFH_MANY_NAPS;
}

rfh_pass rfh_pass_of(rfh_thread *t, PyObject *code, const rfh_code *table, Py_ssize_t index)
{
    uint32_t passes = ++*passes_of(t, index < 0 ? table->entry : table->at[index].site);
    if (index >= 0 && rfh_explored(t) && polls(t, &table->at[index])) {
        t->since = 1;
        return RFH_PASS_HANDS_OVER;
    }
    if (passes <= RFH_FEW_PASSES || !rfh_explored(t))
        return RFH_PASS_POINT;
    if (index >= 0 && table->at[index].argument == 0 && ++rfh.vain > RFH_VAIN) {
        t->since = 0;
        end(t);
        return RFH_PASS_HANDS_OVER;
    }
    uint32_t steps = rf_get_status(rfh.core)->steps;
    if (steps <= (passes > RFH_PASSES ? RFH_MANY_STEPS : RFH_MOST_STEPS))
        return RFH_PASS_POINT;
    if (index < 0)
        enter(t, code, 0, table->count, 1);
    else
        enter(t, code, table->at[index].name, index, table->at[index].argument & RFH_LOOP_ITERATES);
    t->since = passes <= RFH_MANY_PASSES ? RFH_COARSE : RFH_COARSER;
    return passes % t->since == 0 ? RFH_PASS_HANDS_OVER : RFH_PASS_NONE;
}

static int tell_coarse(rfh_thread *t, PyObject *code, Py_ssize_t index)
{
    if (t->reported_loop == code)
        return 0;
    t->reported_loop = code;
    PyObject *announced = rfh_announce("coarse", "(OOn)", t->name, code, index < 0 ? 0 : index);
    Py_XDECREF(announced);
    return announced ? 0 : -1;
}

int rfh_hands_over(rfh_thread *t, PyObject *code, const rfh_instruction *at, Py_ssize_t index)
{
    uint8_t kind = at ? at->argument : RFH_LOOP_WRITES;
    rf_event event = {.site = at ? at->site : t->site, .kind = RF_READ, .flags = RF_YIELD | RF_LOOP};
    uint32_t inside = t->inside;
    if (rfh_explored(t)) {
        if (inside > 0 && tell_coarse(t, code, index) != 0)
            return -1;
        /* One that writes may get somewhere, which whoever waits for it cannot know. */
        if (kind != 0)
            rfh.vain = 0;
        rfh.long_passes += t->since;
        if (rfh.long_passes > RFH_ENDLESS) {
            rfh.too_long = rfh.phase != RFH_AFTER && (kind & RFH_LOOP_ITERATES) != 0;
            end(t);
        }
    }
    t->inside = 0;
    int failed = rfh_point(t, &event);
    t->inside = inside;
    return failed;
}
