/* The driver: loads the program, and runs executions of it until the plan is fulfilled. See plan.h. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/hidden.h"
#include "base/os.h"
#include "base/parts.h"
#include "driver/breakpoint.h"
#include "driver/canary.h"
#include "driver/compare.h"
#include "driver/confine.h"
#include "driver/events.h"
#include "driver/image.h"
#include "driver/inspect.h"
#include "driver/load.h"
#include "driver/reported.h"
#include "driver/novelty.h"
#include "exposure/points.h"
#include "mappings/pages.h"
#include "memory/given.h"
#include "memory/memory.h"
#include "memory/moves.h"
#include "memory/touched.h"
#include "memory/writers.h"
#include "models/family/family.h"
#include "models/files/files.h"
#include "models/process/process.h"
#include "models/signals/signals.h"
#include "models/threads/kernel_threads.h"
#include "processor/machine.h"
#include "schedule/after.h"
#include "schedule/fiber.h"
#include "schedule/point.h"
#include "schedule/parking.h"
#include "state/found.h"
#include "state/program.h"
#include "state/run.h"
#include "state/self.h"

enum { CLOCK_EVERY = 16 /* executions between looks at the real clock */ };

extern char **environ;

static void *map(int file, size_t *size, int hidden)
{
    struct stat state;
    void *memory;
    if (fstat(file, &state) != 0) {
        rfn_internal("descriptor %d: %s", file, strerror(errno));
    }
    memory = mmap(rfn_guarded((size_t)state.st_size), (size_t)state.st_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, 0);
    if (memory == MAP_FAILED) {
        rfn_internal("descriptor %d cannot be mapped: %s", file, strerror(errno));
    }
    if (hidden) {
        madvise(memory, (size_t)state.st_size, MADV_DONTDUMP);
    }
    if (size != NULL) {
        *size = (size_t)state.st_size;
    }
    return memory;
}

/* -- the redactor under test */

static void patch_redactors(void)
{
    const rfn_plan *plan = &rfn.control_block->plan;
    for (uint32_t i = 0; i < plan->redactors; i++) {
        rfn_patch_redactor((uint8_t *)rfn_base + plan->redactor[i], plan->bypass != 0);
    }
}

/* -- arguments and environment of the program */

static struct {
    const char *program;
    int count;
    char **given;
} words;

static void lay_out(void)
{
    const rfn_plan *plan = &rfn.control_block->plan;
    int count = words.count;
    char **given = words.given;
    char **values = calloc((size_t)count + plan->canaries + 2, sizeof *values);
    char **variables;
    size_t size = 0, used = 0;
    while (environ[size] != NULL) {
        size++;
    }
    variables = calloc(size + plan->canaries + 1, sizeof *variables);
    if (values == NULL || variables == NULL) {
        rfn_internal("no memory");
    }
    rfn_canary_texts_reset();
    values[0] = (char *)(uintptr_t)words.program;
    for (int i = 0; i < count; i++) {
        values[i + 1] = given[i];
    }
    for (size_t i = 0; i < size; i++) {
        variables[used++] = environ[i];
    }
    for (uint32_t i = 0; i < plan->canaries; i++) {
        const rfn_vault_canary *canary = rfn_canary(i);
        char prefix[80];
        switch (canary->delivery) {
        case RFN_VARIABLE:
            snprintf(prefix, sizeof prefix, "%.64s=", canary->target);
            variables[used++] = rfn_canary_text(prefix, i);
            break;
        case RFN_ARGUMENT:
            values[++count] = rfn_canary_text("", i);
            break;
        case RFN_STDIN:
            rfn_stdin(rfn.vault + canary->offset, canary->size);
            break;
        default:
            break;
        }
    }
    rfn_start_area(count + 1, values, variables);
    rfn_given_init();
    free(values);
    free(variables);
}

/* -- one execution */

static void reset(void)
{
    if (rfn.control_block->plan.image != 0) {
        lay_out(); /* other values of the canaries than before */
    }
    rfn_pages_open(); /* what the program has closed is written, too */
    rfn_parts_reset();
}

static void run(void)
{
    const rfn_plan *plan = &rfn.control_block->plan;
    rfn_fiber *first;
    rfn.granularity = rf_get_status(rfn.core)->granularity;
    rfn.reduces = rf_get_status(rfn.core)->reduces != 0;
    rfn.touches = rfn.reduces || rf_get_status(rfn.core)->pairs != 0;
    rfn.whole = rf_get_status(rfn.core)->whole != 0;
    rfn_tracing = plan->trace != 0;
    rfn_moves_begin(rf_get_status(rfn.core)->profiles != 0);
    rfn_keep_vectors = plan->vectors != 0 && rfn_can_keep_vectors;
    first = rfn_fiber_new(NULL, NULL, 0);
    first->event = (rf_event){.kind = RF_SPAWN};
    rfn_announce(first);
    rfn_machine_limits();
    if (plan->crash != RFN_CRASH_NONE && !plan->crash_last && plan->strike_at.offset == 0) {
        rf_event crash = {.kind = RF_CRASH, .flags = rfn_crash_flags()};
        crash.object = crash.flags & RF_LOCAL ? RF_OBJECT_UNKNOWN : rfn_struck_object();
        rf_pend(rfn.core, RFN_FIRST_TRIGGER, &crash);
    }
    first = rfn_next();
    if (first != NULL) {
        rfn_enter(first);
    }
    rfn_frames_left();
    if (rfn_child()) {
        rfn_child_ended();
    }
    if (rfn.end == RFN_RUNNING) {
        rfn_internal("an execution came back without an end");
    }
}

static void count(void)
{
    rfn_counters *counters = &rfn.control_block->counters;
    const rf_status *status = rf_get_status(rfn.core);
    uint64_t allowed = rfn.strikes > 0 ? rfn.allowed_at_strike : rfn.allowed;
    uint64_t all = rfn.control_block->plan.canaries >= 64 ? ~UINT64_C(0) : (UINT64_C(1) << rfn.control_block->plan.canaries) - 1;
    rf_end(rfn.core, rfn_found.leaks > 0 ? 1 : rfn.end == RFN_BUG ? 2 : 0); /* what came after a death is in no trace from here on */
    counters->executions++;
    counters->steps += status->steps;
    counters->switches += status->switches;
    counters->leaks += rfn_found.leaks > 0;
    counters->bugs += rfn.end == RFN_BUG;
    counters->dumps += rfn_found.dumps;
    counters->dropped += rfn_found.dumps == 0;
    counters->redactions += rfn.redactions;
    if (rfn_found.dumps > 0) {
        counters->counted |= all & ~allowed;
    }
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* 1: worth an event. */
static int noteworthy(void)
{
    const rfn_plan *plan = &rfn.control_block->plan;
    int fresh = rfn_new_leak() | rfn_new_problem();
    return plan->every || fresh || rfn.end == RFN_BUG || rfn.end == RFN_CUT
           || (plan->no_dump_is_bug && rfn_found.dumps == 0)
           || (plan->unlike && rfn_found.dumps > 0 && rfn_novelty.count + rfn_novelty.on_stacks > 0);
}

static int execute(void)
{
    run();
    if (rfn.control_block->plan.isolation == RFN_FORKED) {
        rfn_note_kernel_threads();
    }
    rfn_family_ends();
    if (!rfn.dead) {
        rfn_inspect();
    }
    rfn_after_ends();
    rfn_children_inspect();
    rfn_image_end();
    count();
    return noteworthy() ? rfn_event_executed() : 1;
}

/* A child for each execution. The core and the control block are shared with it; it dies with what it did. */
static int execute_in_child(void)
{
    int status = 0;
    pid_t child = fork();
    if (child < 0) {
        rfn_internal("fork: %s", strerror(errno));
    }
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        _exit(execute() ? 0 : 1);
    }
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) <= 1) {
        return WEXITSTATUS(status) == 0;
    }
    rfn.end = RFN_BUG;
    rfn.bug = RFN_BUG_FAULT;
    rfn.bug_thread = rfn.control_block->counters.thread;
    rfn.bug_site = 0;
    rfn_found.dumps = 0;
    rfn_found.leaks = 0;
    rfn_found.count = 0;
    snprintf(rfn.summary, sizeof rfn.summary, "the process ended by itself: %s %d",
             WIFSIGNALED(status) ? "signal" : "exit status", WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    count();
    return rfn_event_executed();
}

/* What the execution that has ended was, for those who check the search. */
static void tell_proof(void)
{
    char lines[2 * RF_LINE];
    int file = rfn.control_block->plan.proof;
    uint32_t size;
    while (file > 0 && (size = rf_proof(rfn.core, lines, sizeof lines)) != 0) {
        rfn_os_write(file, lines, size); /* whoever reads it counts the lines */
    }
}

static int over(const rfn_plan *plan, double seconds)
{
    return seconds > plan->patience || (seconds > plan->seconds && rfn.control_block->counters.executions >= plan->least);
}

static int explore(void)
{
    const rfn_plan *plan = &rfn.control_block->plan;
    rfn_counters *counters = &rfn.control_block->counters;
    double began = now();
    rf_end(rfn.core, 1); /* the execution in which the driver before this one died */
    rf_touches_more(rfn.core); /* nothing is known of what another process has learned before */
    rf_knows(rfn.core, 0);
    while (counters->executions < plan->executions && !rfn_leaks_enough()) {
        int goes_on;
        if (counters->executions % CLOCK_EVERY == 0 && over(plan, now() - began)) {
            return 0;
        }
        if (!rf_begin(rfn.core)) {
            return 1;
        }
        rfn_image_begin();
        counters->beat++;
        counters->execution = rf_get_status(rfn.core)->execution;
        goes_on = plan->isolation == RFN_FORKED && !plan->real ? execute_in_child() : execute();
        tell_proof();
        reset();
        if (!goes_on || (plan->compares && !rfn_state_is_back())) {
            return 0;
        }
    }
    return 0;
}

/* Addresses must be the same in every process. Where that is refused only globals differ, and sites are offsets. */
static void fix_addresses(char **arguments)
{
    int before = personality(0xffffffff);
    if (before != -1 && !(before & ADDR_NO_RANDOMIZE) && personality((unsigned long)before | ADDR_NO_RANDOMIZE) != -1) {
        execv("/proc/self/exe", arguments);
    }
}

int main(int count_of, char **arguments)
{
    enum { PROGRAM = 1, BOARD, VAULT, CORE, EVENTS, COMMANDS, SEPARATOR, GIVEN };
    char why[512];
    if (count_of < GIVEN) {
        static const char how[] = "redactfuzz driver: started by redactfuzz run, not by hand\n";
        rfn_os_write(STDERR_FILENO, how, sizeof how - 1);
        return 64; /* EX_USAGE */
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    fix_addresses(arguments);
    rfn_parts_init();
    rfn.control_block = map(atoi(arguments[BOARD]), NULL, 1);
    rfn.vault = map(atoi(arguments[VAULT]), NULL, 1);
    rfn.core = map(atoi(arguments[CORE]), NULL, 1);
    rfn_events_init(atoi(arguments[EVENTS]), atoi(arguments[COMMANDS]));
    if (rfn.control_block->plan.version != RFN_PLAN_VERSION) {
        rfn_event_failed("the plan is of another version of redactfuzz");
        return 1;
    }
    if (sysconf(_SC_PAGESIZE) != RFN_PAGE) {
        rfn_event_failed("this kernel's pages are not of 4096 bytes, which is what redactfuzz knows about memory");
        return 1;
    }
    if (rfn_memory_init() != 0 || rfn_fibers_init() != 0 || rfn_signals_init() != 0) {
        rfn_event_failed("the address space for the program's memory could not be reserved");
        return 1;
    }
    rfn_parts_begin();
    rfn.control_block->counters.held = rfn_confine(rfn.control_block->plan.folder, rfn.control_block->plan.cores);
    if (rfn_load(arguments[PROGRAM], why, sizeof why) != 0) {
        rfn_event_failed(why);
        return 1;
    }
    if (rfn_canaries_init() != 0) {
        rfn_event_failed("the canaries do not fit into the matcher");
        return 1;
    }
    words.program = arguments[PROGRAM];
    words.count = count_of - GIVEN;
    words.given = arguments + GIVEN;
    lay_out();
    patch_redactors();
    rfn_breakpoint_init();
    rfn_fiber_count = 0;
    reset();
    if (rfn.control_block->plan.compares) {
        rfn_state_keep();
    }
    rfn_event_ended(explore());
    return 0;
}
