#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/parts.h"
#include "mappings/pages.h"
#include "models/family/family.h"
#include "models/family/fork.h"
#include "models/files/descriptors.h"
#include "schedule/above.h"
#include "state/core_limit.h"
#include "state/dispositions.h"
#include "state/run.h"
#include "state/self.h"

enum {
    POINTS = 256, /* of a child that are looked at one by one; then each time that their number has doubled */
    WHOLES = 8,   /* the same where all of its memory is searched, and not what was written */
    TWINS = 16,   /* of a child that are struck where it comes first, */
    AGAIN = 3,    /* and so many of these at one place of the program; */
    CALLS = 4,    /* then at so many of all its calls, others in each execution, */
    WIPES = 2,    /* and before so many of its stores: of calls, or stores, after a chosen one the first that could show something, */
    NEXT = 16,    /* among so many calls, */
    NEXT_WHOLE = 2,
    NEXT_STORES = 2048,
    STORES = 20000,
    KNOWN = sizeof((rfn_twins *)0)->calls / sizeof(uint32_t),
};

/* Moments that are chosen among all that a child has, by numbers which come ever closer to each. */
typedef struct turns {
    uint32_t at[CALLS]; /* in order */
    unsigned count, next;
} turns;

static RFN_STATE unsigned calls, stores;
static RFN_STATE turns some_calls, some_stores;
static RFN_STATE rfn_child_report *twins[TWINS + CALLS + WIPES];
static RFN_STATE unsigned count, first;
static RFN_STATE uint64_t struck_at[TWINS];
static RFN_STATE uint8_t leaked; /* one was: the rest would show the same */

static int searches_all(void) { return rfn.control_block->plan.isolation == RFN_FORKED; }

static uint32_t *known(uint32_t *of) { return &of[rfn_child() % KNOWN]; }

static uint32_t mirrored(uint32_t bits)
{
    uint32_t found = 0;
    for (int i = 0; i < 32; i++) {
        found |= (bits >> i & 1) << (31 - i);
    }
    return found;
}

static turns chosen(unsigned wanted, uint32_t among)
{
    turns found = {.count = among > 0 && rfn.control_block->twins.rotates ? wanted : 0};
    uint32_t from = (uint32_t)rfn.control_block->counters.execution * wanted;
    for (unsigned i = 0; i < found.count; i++) {
        uint32_t at = 1 + (uint32_t)((uint64_t)mirrored(from + i) * among >> 32);
        unsigned place = i;
        for (; place > 0 && found.at[place - 1] > at; place--) {
            found.at[place] = found.at[place - 1];
        }
        found.at[place] = at;
    }
    return found;
}

void rfn_twins_reset(void)
{
    calls = 0;
    stores = 0;
    count = 0;
    first = 0;
    leaked = 0;
    some_calls = chosen(searches_all() ? 1 : CALLS, *known(rfn.control_block->twins.calls));
    some_stores = chosen(WIPES, *known(rfn.control_block->twins.stores));
}

/* Whether one that was chosen is due now; those that were passed by are done. */
static int is_due(turns *of, uint32_t now, uint32_t within)
{
    while (of->next < of->count && of->at[of->next] + within < now) {
        of->next++;
    }
    return of->next < of->count && of->at[of->next] <= now;
}

static void done(turns *of, uint32_t now)
{
    while (of->next < of->count && of->at[of->next] <= now) {
        of->next++;
    }
}

void rfn_child_label(char *text, size_t size)
{
    snprintf(text, size, "child-%u%s", rfn_child(), rfn_twin ? "-struck" : "");
}

void rfn_core_of_child(char *text, size_t size)
{
    text[0] = 0;
    if (rfn_child()) {
        snprintf(text, size, "core of child %u%s", rfn_child(), rfn_twin ? ", struck" : "");
    }
}

/* Whether a crash here could end in a dump that shows something: for certain not where memory holds nothing. */
static int could_show(const rfn_fiber *fiber)
{
    const rfn_plan *plan = &rfn.control_block->plan;
    const struct sigaction *action = &rfn_actions[plan->signal];
    int handled = plan->crash == RFN_CRASH_SIGNAL && action->sa_handler != SIG_DFL && action->sa_handler != SIG_IGN
                  && !(fiber->blocked & rfn_bit(plan->signal));
    if (plan->crash == RFN_CRASH_SIGNAL && !handled && !rfn_leaves_core()) {
        return 0;
    }
    return rfn_pages_are_closed() || rfn_above.shows();
}

static void become_twin(rfn_child_report *left)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    rfn_twin = 1;
    count = 0;
    rfn.problems = 0;
    rfn_store_apart();
    rfn_descriptors_apart();
    rfn_family_left(left);
}

/* How often a twin was struck where the fiber stands. */
static unsigned times_at(uint64_t site)
{
    unsigned times = 0;
    for (unsigned i = 0; i < first; i++) {
        times += struck_at[i] == site;
    }
    return times;
}

static void at_least(uint32_t *number, uint32_t now) { *number = *number < now ? now : *number; }

static int may_be_struck(void)
{
    const rfn_plan *plan = &rfn.control_block->plan;
    return rfn_child() && !rfn_twin && plan->crash != RFN_CRASH_NONE && rfn.strikes == 0 && plan->strike_at.offset == 0;
}

/* Forks a twin. 1: this is the twin. */
static int strike(const rfn_fiber *fiber, int32_t at, int is_first)
{
    rfn_child_report *left = rfn_family_memory(sizeof *left);
    char label[32];
    int status = 0;
    pid_t process;
    signal(SIGCHLD, SIG_DFL);
    process = fork();
    if (process < 0) {
        rfn_internal("fork: %s", strerror(errno));
    }
    if (process == 0) {
        become_twin(left);
        return 1;
    }
    snprintf(label, sizeof label, "child-%u-struck", rfn_child());
    rfn.control_block->counters.beat++;
    rfn.control_block->counters.struck++;
    rfn_buried(process, label, &status, left);
    for (uint32_t i = 0; i < left->problems; i++) {
        rfn_problem_noted(&left->problem[i]);
    }
    if (left->end == RFN_BUG || left->end == RFN_RUNNING) {
        rfn_problem_note note = {.kind = RFN_PROBLEM_INCOMPLETE, .site = fiber->site,
                                 .what = "the handler of a crash does not come to its end in a child of fork"};
        rfn_problem_noted(&note);
    }
    leaked = left->found.leaks > 0;
    if (is_first) {
        struck_at[first++] = fiber->site;
    } else if (leaked && rfn.control_block->twins.leaked.child == 0) {
        rfn.control_block->twins.leaked = (rfn_moment){rfn_child(), at};
    }
    twins[count++] = left;
    return 0;
}

/* The only moment that is asked for. */
static int strikes_asked(const rfn_fiber *fiber, int32_t at)
{
    const rfn_moment *asked = &rfn.control_block->twins.asked;
    return asked->child == rfn_child() && asked->at == at && !leaked && could_show(fiber) && strike(fiber, at, 0);
}

static int twin_before_store(const rfn_fiber *fiber, uintptr_t address)
{
    rfn_twins *shared = &rfn.control_block->twins;
    unsigned times;
    int is_first, is_chosen;
    if (!may_be_struck() || stores == STORES) {
        return 0;
    }
    stores++;
    if (shared->asked.child != 0) {
        return strikes_asked(fiber, -(int32_t)stores);
    }
    times = times_at(fiber->site);
    is_first = times == 0 && first < TWINS;
    if (!is_first) {
        at_least(known(shared->stores), stores);
    }
    is_chosen = !is_first && shared->leaked.child == 0 && is_due(&some_stores, stores, NEXT_STORES);
    if (leaked || !(is_first || is_chosen) || !rfn_above.shows_at(address) || !could_show(fiber)) {
        return 0;
    }
    if (is_chosen) {
        done(&some_stores, stores);
    }
    return strike(fiber, -(int32_t)stores, is_first);
}

static int twin_is_struck(const rfn_fiber *fiber)
{
    rfn_twins *shared = &rfn.control_block->twins;
    int is_first, is_chosen;
    if (!may_be_struck()) {
        return 0;
    }
    calls++;
    if (calls > rfn.control_block->counters.calls) {
        rfn.control_block->counters.calls = calls;
    }
    if (shared->asked.child != 0) {
        return strikes_asked(fiber, (int32_t)calls);
    }
    is_first = (calls <= (searches_all() ? WHOLES : POINTS) || (calls & (calls - 1)) == 0) && first < TWINS
               && times_at(fiber->site) < AGAIN;
    if (!is_first) {
        at_least(known(shared->calls), calls);
    }
    is_chosen = !is_first && shared->leaked.child == 0 && is_due(&some_calls, calls, searches_all() ? NEXT_WHOLE : NEXT);
    if (leaked || !(is_first || is_chosen) || !could_show(fiber)) {
        return 0;
    }
    if (is_chosen) {
        done(&some_calls, calls);
    }
    return strike(fiber, (int32_t)calls, is_first);
}

void rfn_twins_inspect(void)
{
    for (unsigned i = 0; i < count; i++) {
        rfn_found_add(&twins[i]->found);
        munmap(twins[i], sizeof *twins[i]);
    }
    count = 0;
}

static void begins(void)
{
    rfn_above.twin_is_struck = twin_is_struck;
    rfn_above.twin_before_store = twin_before_store;
}

RFN_PART(RFN_ON_MODELS_FAMILY, struck, .begins = begins);
