#define _GNU_SOURCE /* pipe2 */
#include "models/family/fork.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/hidden.h"
#include "base/parts.h"
#include "choices/event.h"
#include "mappings/maps.h"
#include "memory/memory.h"
#include "models/family/family.h"
#include "models/family/relatives.h"
#include "models/files/descriptors.h"
#include "models/memory/locked.h"
#include "models/signals/signals.h"
#include "models/streams/streams.h"
#include "models/threads/sync.h"
#include "schedule/point.h"
#include "schedule/parking.h"
#include "schedule/wait.h"
#include "state/dispositions.h"
#include "state/outcome.h"
#include "state/run.h"
#include "state/self.h"

enum { STEPS = 100000 /* of a child */ };

/* The exploration core belongs to the parent. The child has one thread, and one of its own in which nothing is chosen. */
static rf_core *own_core(void)
{
    static const rf_stage in_order = {.policy = RF_SEQUENTIAL, .granularity = RF_CALLS, .after = -1, .share = 1};
    const rf_limits limits = {.threads = RFN_THREADS, .steps = STEPS};
    size_t size = rf_size(&in_order, 1, &limits);
    void *block = rfn_hidden(size);
    if (size == 0 || rf_init(block, &in_order, 1, &limits, 0) != 0 || !rf_begin(block)) {
        rfn_internal("fork: no exploration core for the child");
    }
    return block;
}

/* What the kernel keeps from a child: MADV_WIPEONFORK, MADV_DONTFORK. */
static void inherit_memory(void)
{
    const uint8_t *page;
    for (size_t i = 0; (page = rfn_page_changed(i)) != NULL; i++) {
        uint16_t flags = rfn_page(page);
        if (flags & RFN_WIPEONFORK) {
            memset((void *)(uintptr_t)page, 0, RFN_PAGE);
        }
        if (flags & RFN_DONTFORK) {
            rfn_pages(page, RFN_PAGE, 0, RFN_MAPPED);
        }
    }
    rfn_locks_not_inherited();
}

static void become_child(rfn_fiber *fiber, const rfn_relative *me)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (unsigned i = 0; i < rfn_kin.count; i++) {
        if (rfn_kin.child[i].from >= 0) {
            close(rfn_kin.child[i].to);
            close(rfn_kin.child[i].from);
        }
    }
    if (rfn_kin.up >= 0) { /* its parent's */
        close(rfn_kin.up);
        close(rfn_kin.down);
    }
    rfn_self_of_family = rfn_number_of(&rfn_kin.child[rfn_kin.count]);
    rfn_kin.count = 0;
    rfn_kin.turns = 0;
    rfn_kin.naps = 0;
    rfn_twins_reset();
    rfn_kin.report = me->left;
    rfn_kin.bequest = me->common;
    rfn_nobody_parked();
    for (uint32_t i = 0; i < rfn_fiber_count; i++) {
        if (&rfn_fibers[i] != fiber && rfn_fibers[i].life == RFN_ALIVE) {
            rfn_fibers[i].life = RFN_ENDED; /* its stack stays, its registers are gone */
            rfn_fibers[i].can = NULL;
            rfn_fibers[i].parked = 0;
        }
    }
    inherit_memory();
    rfn_streams_inherited();
    rfn.core = own_core();
    rfn.granularity = RF_CALLS;
    rfn.alive = 1;
    rfn.enabled = 0;
    rfn.timed = 0;
    rfn.redactions = 0;
    rfn.victim = NULL;
    rfn.leader = fiber->number;
    rfn.bug = RFN_BUG_NONE;
    rfn.bug_at = 0;
    rfn.terminated = 0;
    fiber->pending = 0;
    rfn_forget_pending();
}

/* 0: in the child; -1: too many (errno); else its number as the program knows it, and it has run as far as it can. `over`: the
 * execution has ended with that. */
static pid_t made_child(rfn_fiber *fiber, int *over)
{
    rfn_relative *one = &rfn_kin.child[rfn_kin.count];
    int out[2], in[2];
    *over = 0;
    if (rfn_kin.count == RFN_CHILDREN || pipe2(out, O_CLOEXEC) != 0) {
        return -1;
    }
    if (pipe2(in, O_CLOEXEC) != 0) {
        rfn_internal("fork: %s", strerror(errno));
    }
    memset(one, 0, sizeof *one);
    one->left = rfn_family_memory(sizeof *one->left);
    one->size = rfn_maps_shared();
    if (one->size > 0) {
        one->common = rfn_family_memory(one->size);
        rfn_maps_share(one->common);
        rfn_maps_leave(one->common);
    }
    rfn_descriptors_inherited();
    rfn.family = 1;
    signal(SIGCHLD, SIG_DFL);
    one->process = fork();
    if (one->process < 0) {
        rfn_internal("fork: %s", strerror(errno));
    }
    if (one->process == 0) {
        become_child(fiber, one);
        rfn_kin.up = in[1];
        rfn_kin.down = out[0];
        close(in[0]);
        close(out[1]);
        return 0;
    }
    close(in[1]);
    close(out[0]);
    one->to = out[1];
    one->from = in[0];
    rfn_kin.count++;
    *over = !rfn_runs(one);
    return RFN_PID + (pid_t)rfn_number_of(one);
}

/* -- models */

/* What fork gives: kept where both processes find it. */
static RFN_STATE pid_t result;

static void reset(void) { result = 0; }

static rfn_fiber *decide_fork(void *argument)
{
    rfn_fiber *fiber = argument;
    int over;
    rfn_reached(fiber);
    result = made_child(fiber, &over);
    return over ? NULL : fiber;
}

static pid_t forked(uintptr_t site)
{
    pid_t child;
    rfn_problem(RFN_PROBLEM_INCOMPLETE, site, RFN_FORKS);
    rfn_at(RF_SPAWN, NULL, site);
    rfn_leave(decide_fork, rfn_current);
    child = result;
    if (child < 0) {
        rfn_problem(RFN_PROBLEM_OUTSIDE, site, "more children of fork than are carried out: it fails");
        errno = EAGAIN;
    }
    rfn_deliver_pending();
    return child;
}

pid_t model_fork(void)
{
    uintptr_t site = SITE();
    pid_t child;
    int error;
    rfn_atfork_before();
    child = forked(site);
    error = errno;
    rfn_atfork_after(child == 0);
    errno = error;
    return child;
}

pid_t model__Fork(void) { return forked(SITE()); }

/* -- posix_spawn: what it starts does nothing and has ended at once, with status 0 */

static rfn_fiber *decide_spawn(void *argument)
{
    rfn_fiber *fiber = argument;
    rfn_relative *one = &rfn_kin.child[rfn_kin.count];
    rfn_reached(fiber);
    result = -1;
    if (rfn_kin.count == RFN_CHILDREN) {
        return fiber;
    }
    memset(one, 0, sizeof *one);
    one->left = rfn_family_memory(sizeof *one->left);
    one->left->end = RFN_EXITED;
    one->to = -1;
    one->from = -1;
    rfn_kin.count++;
    result = RFN_PID + (pid_t)rfn_number_of(one);
    return rfn_signal_comes(SIGCHLD) ? fiber : NULL;
}

static int spawned(pid_t *process, const char *call, uintptr_t site)
{
    pid_t child;
    rfn_problem(RFN_PROBLEM_INCOMPLETE, site, "what %s starts does nothing here, and ends at once with status 0", call);
    rfn_at(RF_SPAWN, NULL, site);
    rfn_leave(decide_spawn, rfn_current);
    child = result;
    if (child < 0) {
        rfn_problem(RFN_PROBLEM_OUTSIDE, site, "more children than are carried out: %s fails", call);
        return EAGAIN;
    }
    if (process != NULL) {
        rfn_wrote(process, sizeof *process);
        *process = child;
    }
    rfn_deliver_pending();
    return 0;
}

/* What follows the first argument says which program, and how. */
int model_posix_spawn(pid_t *process) { return spawned(process, "posix_spawn", SITE()); }
int model_posix_spawnp(pid_t *process) { return spawned(process, "posix_spawnp", SITE()); }

/* -- wait */

static int nobody(int error)
{
    errno = error;
    return -1;
}

static pid_t waited(pid_t process, int *status, int options, uintptr_t site)
{
    rfn_wanted wanted = {process};
    int looked = 0, ended_with = 0;
    pid_t child;
    rfn_cancellation_point(site);
    rfn_at(RF_JOIN, NULL, site);
    while ((child = rfn_child_take(&wanted, &ended_with)) == 0) {
        if (options & WNOHANG) {
            if (looked++) {
                return 0;
            }
            rfn_leave(rfn_children_go_on, rfn_current);
            rfn_deliver_pending();
            continue;
        }
        switch (rfn_wait_interruptibly(&rfn_child_ends, &wanted, RF_JOIN, site, RFN_FOREVER)) {
        case RFN_CANCELLED:
            rfn_cancellation_point(site);
            break;
        case RFN_INTERRUPTED:
            return nobody(EINTR);
        default:
            break;
        }
    }
    if (child < 0) {
        return nobody(ECHILD);
    }
    if (status != NULL) {
        rfn_wrote(status, sizeof *status);
        *status = ended_with;
    }
    return child;
}

pid_t model_wait(int *status) { return waited(-1, status, 0, SITE()); }

pid_t model_wait3(int *status, int options, void *usage)
{
    (void)usage; /* left as it is */
    return waited(-1, status, options, SITE());
}

pid_t model_wait4(pid_t process, int *status, int options, void *usage)
{
    (void)usage;
    return waited(process, status, options, SITE());
}

pid_t model_waitpid(pid_t process, int *status, int options) { return waited(process, status, options, SITE()); }

RFN_PART(RFN_ON_MODELS_FAMILY, fork, .reset = reset);
