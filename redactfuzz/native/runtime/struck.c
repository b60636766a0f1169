#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "descriptors.h"
#include "dispositions.h"
#include "family.h"
#include "fork.h"
#include "inspect.h"
#include "pages.h"
#include "process.h"
#include "run.h"

enum {
    POINTS = 256, /* of a child that are looked at one by one; then each time that their number has doubled */
    WHOLES = 8,   /* the same where all of its memory is searched, and not what was written */
    TWINS = 16,   /* of a child, */
    AGAIN = 3,    /* and so many that are struck at one place of the program */
    STORES = 20000,
};

static unsigned points, stores;
static rfn_legacy *twins[TWINS];
static unsigned count;
static uint64_t struck_at[TWINS];
static uint8_t twin;   /* this process is one */
static uint8_t leaked; /* one was: the rest would show the same */

int rfn_is_twin(void) { return twin; }

void rfn_twins_reset(void)
{
    points = 0;
    stores = 0;
    count = 0;
    leaked = 0;
}

void rfn_child_label(char *text, size_t size)
{
    snprintf(text, size, "child-%u%s", rfn_child(), twin ? "-struck" : "");
}

void rfn_core_of_child(char *text, size_t size)
{
    text[0] = 0;
    if (rfn_child()) {
        snprintf(text, size, "core of child %u%s", rfn_child(), twin ? ", struck" : "");
    }
}

/* Whether a crash here could end in a dump that shows something: for certain not where memory holds nothing. */
static int could_show(const rfn_fiber *fiber)
{
    const rfn_plan *plan = &rfn.board->plan;
    const struct sigaction *action = &rfn_actions[plan->signal];
    int handled = plan->crash == RFN_CRASH_SIGNAL && action->sa_handler != SIG_DFL && action->sa_handler != SIG_IGN
                  && !(fiber->blocked & rfn_bit(plan->signal));
    if (plan->crash == RFN_CRASH_SIGNAL && !handled && !rfn_leaves_core()) {
        return 0;
    }
    return rfn_pages_are_closed() || rfn_shows();
}

static void become_twin(rfn_legacy *left)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    twin = 1;
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
    for (unsigned i = 0; i < count; i++) {
        times += struck_at[i] == site;
    }
    return times;
}

int rfn_twin_before_store(const rfn_fiber *fiber, uintptr_t address)
{
    return rfn_child() && !twin && stores < STORES && ++stores && times_at(fiber->site) == 0 && rfn_shows_at(address)
           && rfn_twin_is_struck(fiber);
}

int rfn_twin_is_struck(const rfn_fiber *fiber)
{
    const rfn_plan *plan = &rfn.board->plan;
    rfn_legacy *left;
    char label[32];
    int status = 0;
    pid_t process;
    if (!rfn_child() || twin || leaked || count == TWINS || plan->crash == RFN_CRASH_NONE || rfn.strikes > 0 || plan->strike_at.offset != 0) {
        return 0;
    }
    points++;
    if ((points > (plan->isolation == RFN_FORKED ? WHOLES : POINTS) && (points & (points - 1)) != 0) || times_at(fiber->site) == AGAIN || !could_show(fiber)) {
        return 0;
    }
    left = rfn_family_memory(sizeof *left);
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
    rfn.board->counters.beat++;
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
    struck_at[count] = fiber->site;
    twins[count++] = left;
    return 0;
}

void rfn_twins_inspect(void)
{
    for (unsigned i = 0; i < count; i++) {
        rfn_found_add(&twins[i]->found);
        munmap(twins[i], sizeof *twins[i]);
    }
    count = 0;
}
