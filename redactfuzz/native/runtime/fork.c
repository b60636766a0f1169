#define _GNU_SOURCE /* WCOREDUMP */
#include "fork.h"

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
#include "event.h"
#include "inspect.h"
#include "maps.h"
#include "memory.h"
#include "parts.h"
#include "point.h"
#include "process.h"
#include "run.h"

enum { CHILDREN = 8 /* of one process and execution */, STEPS = 100000 };

/* What a child leaves, in memory that its parent sees. */
typedef struct legacy {
    rfn_inspection found;
    uint32_t end; /* rfn_end; RFN_RUNNING: it said nothing */
    int status;
    uint32_t bug;
    uint64_t bug_site;
    uint64_t redactions;
    char summary[RFN_TEXT];
    uint32_t problems;
    rfn_problem_note problem[RFN_PROBLEMS];
} legacy;

typedef struct child {
    legacy *left;
    int status; /* as waitpid tells it */
    int waited;
} child;

static child children[CHILDREN];
static unsigned count;
static unsigned self;      /* number of the child that this process is */
static legacy *testament;  /* where it leaves what it found */
static uint8_t *bequest;   /* and what it left in shared mappings; NULL: there are none */

void rfn_fork_reset(void) { count = 0; }

unsigned rfn_child(void) { return self; }

static void *map_shared(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        rfn_internal("fork: %s", strerror(errno));
    }
    madvise(memory, size, MADV_DONTDUMP);
    return memory;
}

/* The exploration core belongs to the parent. The child has one thread, and one of its own in which nothing is chosen. */
static rf_core *own_core(void)
{
    static const rf_stage in_order = {.policy = RF_SEQUENTIAL, .granularity = RF_CALLS, .after = -1, .share = 1};
    const rf_limits limits = {.threads = RFN_THREADS, .steps = STEPS};
    size_t size = rf_size(&in_order, 1, &limits);
    void *block = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (size == 0 || block == MAP_FAILED || rf_init(block, &in_order, 1, &limits, 0) != 0 || !rf_begin(block)) {
        rfn_internal("fork: no exploration core for the child");
    }
    madvise(block, size, MADV_DONTDUMP);
    return block;
}

/* What the kernel keeps from a child: MADV_WIPEONFORK, MADV_DONTFORK. */
static void inherit_memory(void)
{
    const uint8_t *page;
    for (size_t i = 0; (page = rfn_page_changed(i)) != NULL; i++) {
        uint8_t flags = rfn_page(page);
        if (flags & RFN_WIPEONFORK) {
            memset((void *)(uintptr_t)page, 0, RFN_PAGE);
        }
        if (flags & RFN_DONTFORK) {
            rfn_pages(page, RFN_PAGE, 0, RFN_MAPPED);
        }
    }
}

static void become_child(rfn_fiber *fiber, legacy *left)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    self = self * CHILDREN + count + 1;
    count = 0;
    testament = left;
    rfn_points_reset();
    for (uint32_t i = 0; i < rfn_fiber_count; i++) {
        if (&rfn_fibers[i] != fiber && rfn_fibers[i].life == RFN_ALIVE) {
            rfn_fibers[i].life = RFN_ENDED; /* its stack stays, its registers are gone */
            rfn_fibers[i].can = NULL;
            rfn_fibers[i].stands = 0;
        }
    }
    inherit_memory();
    rfn.core = own_core();
    rfn.granularity = RF_CALLS;
    rfn.alive = 1;
    rfn.enabled = 0;
    rfn.timed = 0;
    rfn.redactions = 0;
    rfn.victim = NULL;
    rfn.bug = RFN_BUG_NONE;
    fiber->pending = 0;
    rfn_pending = 0;
}

static int status_of(const legacy *left, int real)
{
    switch (left->end) {
    case RFN_EXITED:
        return (left->status & 0xff) << 8;
    case RFN_KILLED:
        return left->status | 0x80; /* it left a core */
    default:
        return real;
    }
}

/* Cores of children, and of the process itself, have one name for the kernel. */
static void keep_core(pid_t process, unsigned number)
{
    char from[64], to[64];
    snprintf(to, sizeof to, "child-%u.core", number);
    snprintf(from, sizeof from, "core.%ld", (long)process);
    if (rename(from, to) != 0) {
        rename("core", to);
    }
}

/* What fork gives: kept where both processes find it. */
static int result;

static rfn_fiber *decide_fork(void *argument)
{
    rfn_fiber *fiber = argument;
    legacy *left;
    uint8_t *shared;
    size_t size;
    pid_t process;
    int status = 0;
    if (count == CHILDREN) {
        result = -1;
        return fiber;
    }
    rfn_pipes_are_shared();
    left = map_shared(sizeof *left);
    size = rfn_maps_shared();
    shared = size > 0 ? map_shared(size) : NULL;
    process = fork();
    if (process < 0) {
        rfn_internal("fork: %s", strerror(errno));
    }
    if (process == 0) {
        become_child(fiber, left);
        bequest = shared;
        result = 0;
        return fiber;
    }
    while (waitpid(process, &status, 0) < 0 && errno == EINTR) {
    }
    if (rfn.board->plan.real) {
        keep_core(process, self * CHILDREN + count + 1);
        left->end = WIFSIGNALED(status) ? RFN_KILLED : RFN_EXITED;
        left->status = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
    }
    if (shared != NULL) {
        rfn_maps_inherit(shared);
        munmap(shared, size);
    }
    rfn.redactions += left->redactions;
    for (uint32_t i = 0; i < left->problems; i++) {
        rfn_problem_noted(&left->problem[i]);
    }
    if (left->end == RFN_BUG || left->end == RFN_RUNNING) {
        return rfn_bug_found(left->bug ? (rfn_bug_kind)left->bug : RFN_BUG_FAULT, fiber->number,
                             left->bug ? left->bug_site : fiber->site, "in the child of fork: %s",
                             left->bug ? left->summary : "the process ended by itself");
    }
    children[count].left = left;
    children[count].status = status_of(left, status);
    children[count].waited = 0;
    result = RFN_PID + 1 + (int)count++;
    return fiber;
}

void rfn_child_leaves(void)
{
    if (bequest != NULL) {
        rfn_maps_bequeath(bequest);
    }
}

_Noreturn void rfn_child_ended(void)
{
    rfn_inspect();
    rfn_child_leaves();
    testament->found = rfn_found;
    testament->status = rfn.status;
    testament->bug = rfn.bug;
    testament->bug_site = rfn.bug_site;
    testament->redactions = rfn.redactions;
    memcpy(testament->summary, rfn.summary, sizeof testament->summary);
    testament->problems = rfn.problems;
    memcpy(testament->problem, rfn.problem, rfn.problems * sizeof *rfn.problem);
    testament->end = rfn.end;
    _exit(0);
}

void rfn_children_inspect(void)
{
    for (unsigned i = 0; i < count; i++) {
        const rfn_inspection *found = &children[i].left->found;
        rfn_found.dumps += found->dumps;
        rfn_found.leaks += found->leaks;
        rfn_found.seen |= found->seen;
        for (uint32_t k = 0; k < found->count && rfn_found.count < RFN_HITS; k++) {
            rfn_sighting *sighting = &rfn_found.sighting[rfn_found.count++];
            *sighting = found->sighting[k];
            if (sighting->file[0] == 0) {
                snprintf(sighting->file, sizeof sighting->file, "core of child %u", i + 1);
            }
        }
        munmap(children[i].left, sizeof *children[i].left);
    }
    count = 0;
}

/* -- models */

static pid_t forked(uintptr_t site)
{
    rfn_at(RF_SPAWN, NULL, site);
    rfn_leave(decide_fork, rfn_current);
    if (result < 0) {
        errno = EAGAIN;
    }
    return result;
}

pid_t model_fork(void)
{
    uintptr_t site = SITE();
    pid_t child;
    int error;
    rfn_problem(RFN_PROBLEM_INCOMPLETE, site, "a child of fork runs to its end at once: no crash strikes in it, and what it does to"
                                              " files and pipes is not its parent's");
    rfn_atfork_before();
    child = forked(site);
    error = errno;
    rfn_atfork_after(child == 0);
    errno = error;
    return child;
}

pid_t model__Fork(void) { return forked(SITE()); }

static pid_t waited(pid_t process, int *status, uintptr_t site)
{
    rfn_at(RF_JOIN, NULL, site);
    for (unsigned i = 0; i < count; i++) {
        pid_t number = RFN_PID + 1 + (pid_t)i;
        if (!children[i].waited && (process == -1 || process == 0 || process == number)) {
            children[i].waited = 1;
            if (status != NULL) {
                rfn_wrote(status, sizeof *status);
                *status = children[i].status;
            }
            return number;
        }
    }
    errno = ECHILD;
    return -1;
}

pid_t model_wait(int *status) { return waited(-1, status, SITE()); }

pid_t model_wait3(int *status, int options, void *usage)
{
    (void)options;
    (void)usage; /* left as it is */
    return waited(-1, status, SITE());
}

pid_t model_wait4(pid_t process, int *status, int options, void *usage)
{
    (void)options;
    (void)usage;
    return waited(process, status, SITE());
}

pid_t model_waitpid(pid_t process, int *status, int options)
{
    (void)options; /* a child has ended before fork returns: WNOHANG makes no difference */
    return waited(process, status, SITE());
}
