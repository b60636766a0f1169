/* What a process asks of its relatives (wait, kill), and what is left of them when they have ended. */
#include "models/family/family.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "mappings/maps.h"
#include "models/family/fork.h"
#include "models/family/relatives.h"

#include "models/files/descriptors.h"
#include "models/signals/signals.h"
#include "schedule/above.h"
#include "schedule/point.h"
#include "state/dispositions.h"
#include "state/now.h"
#include "state/outcome.h"
#include "state/run.h"
#include "state/self.h"

static int is_wanted(const rfn_relative *one, const rfn_wanted *wanted)
{
    return !one->waited
           && (wanted->process <= 0 || wanted->process == RFN_PID + (pid_t)rfn_number_of(one));
}

static int has_ended(const void *object)
{
    for (unsigned i = 0; i < rfn_kin.count; i++) {
        if (is_wanted(&rfn_kin.child[i], object) && rfn_kin.child[i].from < 0) {
            return 1;
        }
    }
    return 0;
}

const rfn_condition rfn_child_ends = {
    .can = has_ended, .name = "the end of a child of fork", .flags = RFN_ENDED_BY_FAMILY};

pid_t rfn_child_take(const rfn_wanted *wanted, int *status)
{
    int lives = 0;
    for (unsigned i = 0; i < rfn_kin.count; i++) {
        if (is_wanted(&rfn_kin.child[i], wanted)) {
            if (rfn_kin.child[i].from < 0) {
                rfn_kin.child[i].waited = 1;
                *status = rfn_kin.child[i].status;
                return RFN_PID + (pid_t)rfn_number_of(&rfn_kin.child[i]);
            }
            lives = 1;
        }
    }
    return lives ? 0 : -1;
}

/* kill() of another process. -1: there is none of this number. */
static int signal_relative(pid_t process, int number)
{
    uint64_t bit = number > 0 ? rfn_bit(number) : 0;
    if (rfn_child() != 0 && process == rfn_parent()) {
        rfn_kin.report->answered |= bit;
        return rfn_has_parent() ? 0 : -1;
    }
    for (unsigned i = 0; i < rfn_kin.count; i++) {
        rfn_relative *one = &rfn_kin.child[i];
        if (process == RFN_PID + (pid_t)rfn_number_of(&rfn_kin.child[i]) && !one->waited) {
            one->left->sent |= one->from >= 0 ? bit : 0;
            return 0;
        }
    }
    return -1;
}

int model_kill(pid_t process, int number)
{
    if (number < 0 || number > RFN_SIGNALS) {
        errno = EINVAL;
        return -1;
    }
    if (process != RFN_PID + (pid_t)rfn_child() && process != 0) {
        if (signal_relative(process, number) == 0) {
            return 0;
        }
        rfn_problem(RFN_PROBLEM_OPAQUE, SITE(), "kill of another process, which was not done");
        errno = ESRCH;
        return -1;
    }
    if (number > 0) {
        rfn_send(NULL, number, SITE());
    }
    return 0;
}

pid_t rfn_parent(void) { return rfn_child() == 0 ? 1 : RFN_PID + (pid_t)((rfn_child() - 1) / RFN_CHILDREN); }

/* -- the end */

void rfn_family_ends(void)
{
    if (!rfn.family || rfn.end == RFN_BUG || rfn.end == RFN_CUT) {
        return;
    }
    rfn_descriptors_end();
    for (unsigned i = 0; i < rfn_kin.count; i++) {
        rfn_relative *one = &rfn_kin.child[i];
        one->left->orphaned = 1;
        for (unsigned k = 0; one->from >= 0 && k < RFN_TURNS; k++) {
            rfn_resume(one);
        }
    }
}

void rfn_child_leaves(void)
{
    rfn_maps_write_back();
    if (rfn_kin.bequest != NULL) {
        rfn_maps_leave(rfn_kin.bequest);
    }
    rfn_kin.report->status = rfn.status;
    rfn_kin.report->terminated = rfn.terminated;
    rfn_kin.report->now = rfn_now;
    if (rfn.end == RFN_EXITED || rfn.end == RFN_KILLED) {
        rfn_kin.report->end = rfn.end;
    }
}

_Noreturn void rfn_child_ended(void)
{
    rfn_family_ends();
    rfn_above.inspect();
    rfn_children_inspect();
    rfn_child_leaves();
    rfn_kin.report->found = rfn_found;
    rfn_kin.report->bug = rfn.bug;
    rfn_kin.report->bug_site = rfn.bug_site;
    rfn_kin.report->redactions = rfn.redactions;
    memcpy(rfn_kin.report->summary, rfn.summary, sizeof rfn_kin.report->summary);
    rfn_kin.report->problems = rfn.problems;
    memcpy(rfn_kin.report->problem, rfn.problem, rfn.problems * sizeof *rfn.problem);
    rfn_kin.report->end = rfn.end;
    _exit(0);
}

void rfn_family_left(rfn_child_report *left)
{
    rfn_kin.report = left;
    rfn_kin.bequest = NULL;
    rfn_kin.up = -1;
    rfn_kin.count = 0;
}

void rfn_found_add(const rfn_inspection *found)
{
    rfn_found.dumps += found->dumps;
    rfn_found.leaks += found->leaks;
    rfn_found.seen |= found->seen;
    for (uint32_t k = 0; k < found->count && rfn_found.count < RFN_HITS; k++) {
        rfn_found.sighting[rfn_found.count++] = found->sighting[k];
    }
}

void rfn_children_inspect(void)
{
    for (unsigned i = 0; i < rfn_kin.count; i++) {
        if (rfn_kin.child[i].left != NULL) {
            rfn_found_add(&rfn_kin.child[i].left->found);
            rfn_forget(&rfn_kin.child[i]);
        }
    }
    rfn_twins_inspect();
}
