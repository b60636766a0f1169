#include "models/family/family.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/hidden.h"
#include "base/os.h"
#include "base/parts.h"
#include "mappings/maps.h"
#include "memory/memory.h"
#include "models/family/relatives.h"
#include "models/files/descriptors.h"
#include "models/files/file_locks.h"
#include "models/files/polling.h"
#include "models/signals/signals.h"
#include "models/threads/sync.h"
#include "schedule/above.h"
#include "schedule/describe.h"
#include "schedule/ending.h"
#include "schedule/point.h"
#include "schedule/parking.h"
#include "schedule/wait.h"
#include "state/dispositions.h"
#include "state/now.h"
#include "state/run.h"
#include "state/self.h"

enum {
    STEPS = 100000,    /* of a rfn_relative */
};

enum { NAPS = 200 /* of a process at which others go on: one that sleeps in a loop does little else */ };

RFN_STATE rfn_family rfn_kin = {.up = -1, .down = -1};

unsigned rfn_number_of(const rfn_relative *one) { return rfn_child() * RFN_CHILDREN + (unsigned)(one - rfn_kin.child) + 1; }

void *rfn_family_memory(size_t size) { return rfn_hidden_shared(size); }

void rfn_forget(rfn_relative *one)
{
    munmap(one->left, sizeof *one->left);
    if (one->common != NULL) {
        munmap(one->common, one->size);
    }
    one->left = NULL;
}

static void reset(void)
{
    for (unsigned i = 0; i < rfn_kin.count; i++) {
        if (rfn_kin.child[i].from >= 0) { /* the execution was given up */
            kill(rfn_kin.child[i].process, SIGKILL);
            waitpid(rfn_kin.child[i].process, NULL, 0);
            close(rfn_kin.child[i].to);
            close(rfn_kin.child[i].from);
        }
        if (rfn_kin.child[i].left != NULL) {
            rfn_forget(&rfn_kin.child[i]);
        }
    }
    memset(rfn_kin.child, 0, rfn_kin.count * sizeof rfn_kin.child[0]);
    rfn_kin.count = 0;
    rfn_kin.turns = 0;
    rfn_kin.naps = 0;
    rfn.family = 0;
    rfn.control_block->twins.leaked.child = 0;
}

/* -- one runs at a time */

static void leave_shared(void *common)
{
    rfn_maps_write_back();
    if (common != NULL) {
        rfn_maps_leave(common);
    }
}

static void take_shared(void *common)
{
    if (common != NULL) {
        rfn_maps_take(common);
    }
    rfn_maps_reload();
}

static void say(int to)
{
    const char word = 'g';
    signal(SIGCHLD, SIG_DFL); /* a real handler (signals.c) would run in the middle of us: the program's is called by has_ended */
    rfn_os_write(to, &word, 1);
}

/* 0: the other end is gone. */
static int hear(int from)
{
    char word;
    return rfn_os_read(from, &word, 1) == 1;
}

/* 0: the process has ended of it. */
static int receive(uint64_t *sent)
{
    while (*sent != 0) {
        int number = __builtin_ctzll(*sent) + 1;
        *sent &= *sent - 1;
        if (!rfn_signal_comes(number)) {
            return 0;
        }
    }
    return 1;
}

static int status_of(const rfn_child_report *left, int real)
{
    switch (left->end) {
    case RFN_EXITED:
        return left->terminated ? left->terminated : (left->status & 0xff) << 8;
    case RFN_KILLED:
        return left->status == SIGKILL ? SIGKILL : left->status | 0x80; /* it left a core */
    default:
        return real;
    }
}

/* Cores of children, and of the process itself, have one name for the kernel. */
static void keep_core(pid_t process, const char *label)
{
    int folder = rfn.control_block->plan.folder;
    char from[64], to[64];
    snprintf(to, sizeof to, "%s.core", label);
    snprintf(from, sizeof from, "core.%ld", (long)process);
    if (renameat(folder, from, folder, to) != 0) {
        renameat(folder, "core", folder, to);
    }
}

void rfn_buried(pid_t process, const char *label, int *status, rfn_child_report *left)
{
    while (waitpid(process, status, 0) < 0 && errno == EINTR) {
    }
    if (rfn.control_block->plan.real) {
        keep_core(process, label);
        if (left->end == RFN_RUNNING) {
            left->end = WIFSIGNALED(*status) ? RFN_KILLED : RFN_EXITED;
            left->status = WIFSIGNALED(*status) ? WTERMSIG(*status) : WEXITSTATUS(*status);
        }
    }
}

/* 1: goes on. */
static int has_ended(rfn_relative *one)
{
    const rfn_child_report *left = one->left;
    uint32_t thread = rfn_current != NULL ? rfn_current->number : 0;
    char label[32];
    int status = 0;
    close(one->to);
    close(one->from);
    one->from = -1;
    snprintf(label, sizeof label, "child-%u", rfn_number_of(one));
    rfn_buried(one->process, label, &status, one->left);
    one->status = status_of(left, status);
    rfn.redactions += left->redactions;
    one->left->answered |= rfn_bit(SIGCHLD);
    for (uint32_t i = 0; i < left->problems; i++) {
        rfn_problem_noted(&left->problem[i]);
    }
    if (left->end != RFN_BUG && left->end != RFN_RUNNING) {
        return 1;
    }
    if (rfn.end == RFN_RUNNING || rfn.end == RFN_EXITED) {
        rfn_bug_found(left->bug ? (rfn_bug_kind)left->bug : RFN_BUG_FAULT, thread,
                      left->bug ? left->bug_site : rfn_fibers[thread].site, "in the child of fork: %s",
                      left->bug ? left->summary : "the process ended by itself");
    }
    return 0;
}

/* The child runs; this process waits until it has ended or can go on no more. 0: the execution has ended. */
int rfn_runs(rfn_relative *one)
{
    int lives = hear(one->from);
    int goes_on = lives || has_ended(one);
    if (rfn.end != RFN_RUNNING) {
        return goes_on;
    }
    take_shared(one->common);
    rfn_now = one->left->now > rfn_now ? one->left->now : rfn_now;
    if (goes_on && !receive(&one->left->answered)) {
        return 0;
    }
    rfn_recheck_all(rfn_current);
    return goes_on;
}

int rfn_resume(rfn_relative *one)
{
    one->left->now = rfn_now;
    one->left->moved = 0;
    leave_shared(one->common);
    rfn.control_block->counters.beat++;
    rfn_kin.turns++;
    say(one->to);
    return rfn_runs(one);
}

static int has_living(void)
{
    for (unsigned i = 0; i < rfn_kin.count; i++) {
        if (rfn_kin.child[i].from >= 0) {
            return 1;
        }
    }
    return 0;
}

/* Each child that lives has a turn. -1: the execution has ended; else whether any moved. */
static int all_go_on(void)
{
    int moved = 0;
    if (rfn_kin.turns >= RFN_TURNS && has_living()) {
        rfn_problem_note note = {.kind = RFN_PROBLEM_FORK, .what = "processes of a fork go on in turns for ever, or very long: not to their end"};
        rfn_problem_noted(&note);
    }
    for (unsigned i = 0; i < rfn_kin.count && rfn_kin.turns < RFN_TURNS; i++) {
        rfn_relative *one = &rfn_kin.child[i];
        if (one->from >= 0) {
            if (!rfn_resume(one)) {
                return -1;
            }
            moved |= one->from < 0 || one->left->moved;
        }
    }
    return moved;
}

/* Its parent goes on, until it says that this process may. 0: it has ended of a signal. */
static int parent_goes_on(void)
{
    rfn_kin.report->now = rfn_now;
    leave_shared(rfn_kin.bequest);
    say(rfn_kin.up);
    if (!hear(rfn_kin.down)) {
        _exit(0); /* its parent was given up */
    }
    take_shared(rfn_kin.bequest);
    rfn_now = rfn_kin.report->now > rfn_now ? rfn_kin.report->now : rfn_now;
    if (!receive(&rfn_kin.report->sent)) {
        return 0;
    }
    rfn_recheck_all(rfn_current);
    return 1;
}

int rfn_has_parent(void) { return rfn_kin.up >= 0 && !rfn_kin.report->orphaned; }

int rfn_is_orphan(void) { return rfn_child() != 0 && !rfn_has_parent(); }

static int waits_for_family(const rfn_fiber *fiber)
{
    if (fiber->can == NULL || (rfn_child() == 0 && !has_living())) {
        return 0;
    }
    return (fiber->can->flags & RFN_ENDED_BY_FAMILY) || rfn_maps_shares((uintptr_t)rfn_lock_of(fiber));
}

static const rfn_fiber *who_waits_for_family(void)
{
    for (uint32_t i = 0; i < rfn_fiber_count; i++) {
        const rfn_fiber *fiber = &rfn_fibers[i];
        if (fiber->life == RFN_ALIVE && fiber->parked && !fiber->enabled && waits_for_family(fiber)) {
            return fiber;
        }
    }
    return NULL;
}

static void note_rest(const rfn_fiber *fiber)
{
    rfn_problem_note note = {.kind = RFN_PROBLEM_INCOMPLETE, .site = fiber->site};
    char what[RFN_TEXT / 2];
    rfn_waits_for(fiber, what, sizeof what);
    snprintf(note.what, sizeof note.what, "%s waits for %s, and no other process of its family goes on: executions end there",
             rfn_child() != 0 ? "a child of fork" : "a process that forked", what[0] ? what : "another process");
    rfn_problem_noted(&note);
}

static int family_goes_on(void)
{
    const rfn_fiber *waits;
    int moved;
    if (rfn_is_twin() || rfn.alive == 0) {
        return 1;
    }
    do {
        moved = all_go_on();
        if (moved < 0) {
            return 0;
        }
    } while (moved && rfn.enabled == 0);
    while (rfn.enabled == 0 && rfn_has_parent() && who_waits_for_family() != NULL) {
        if (!parent_goes_on()) {
            return 0;
        }
        if (rfn.enabled == 0 && rfn.timed > 0) {
            break; /* time passes */
        }
    }
    waits = rfn.enabled == 0 && rfn.timed == 0 ? who_waits_for_family() : NULL;
    if (waits != NULL) {
        note_rest(waits);
    } else if (rfn_child() != 0) {
        rfn_kin.report->moved = 1;
    }
    return 1;
}

static int yields(void)
{
    if (rfn_is_twin() || rfn_kin.turns >= RFN_TURNS) {
        return 1;
    }
    if (all_go_on() < 0) {
        return 0;
    }
    if (!rfn_has_parent()) {
        return 1;
    }
    rfn_kin.report->moved = 1;
    rfn_kin.turns++;
    return parent_goes_on();
}

/* A child waits in a loop for what another process does; where its parent has ended, for what nobody will do. */
static rfn_fiber *given_up(const rfn_fiber *fiber)
{
    rfn_problem_note note = {.kind = rfn_is_orphan() ? RFN_PROBLEM_INCOMPLETE : RFN_PROBLEM_FORK, .site = fiber->site,
                             .what = "a child of fork does not come to an end: it may wait in a loop for what another process does"};
    rfn_problem_noted(&note);
    return rfn_ended(RFN_EXITED, 0);
}

/* Of a program that forks: this process sleeps, or looks in a loop at what others may change. 0: it has ended. */
static int others_go_on(int in_loop)
{
    if (in_loop && rfn_is_orphan() && rfn.alive == 1) {
        given_up(rfn_current);
        return 0;
    }
    return in_loop || rfn_kin.naps++ < NAPS ? yields() : 1;
}

static rfn_fiber *child_rests(rfn_fiber *fiber)
{
    while (rfn_has_parent()) {
        uint8_t depth = fiber->in_handler;
        if (!parent_goes_on()) {
            return NULL;
        }
        if (fiber->in_handler != depth || fiber->pending != 0) { /* a signal has come: it does something again */
            return fiber->parked ? rfn_next() : fiber;
        }
    }
    return rfn_ended(RFN_EXITED, 0);
}

rfn_fiber *rfn_children_go_on(void *fiber)
{
    rfn_reached(fiber);
    return all_go_on() < 0 ? NULL : fiber;
}

/* -- fork, wait, kill */

static void begins(void)
{
    rfn_above.family_goes_on = family_goes_on;
    rfn_above.others_go_on = others_go_on;
    rfn_above.waits_for_family = waits_for_family;
    rfn_above.child_rests = child_rests;
    rfn_above.given_up = given_up;
}

RFN_PART(RFN_ON_MODELS_FAMILY, family, .begins = begins, .reset = reset);
