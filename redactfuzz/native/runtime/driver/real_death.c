/* Confirmation: the process really dies, and the kernel writes a real core of it. */
#define _GNU_SOURCE /* memfd_create */

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <time.h>
#include <unistd.h>

#include "base/os.h"
#include "base/parts.h"
#include "driver/confine.h"
#include "driver/events.h"
#include "mappings/filter.h"
#include "mappings/hide.h"
#include "mappings/maps.h"
#include "mappings/pages.h"
#include "memory/memory.h"
#include "models/family/family.h"
#include "models/family/fork.h"
#include "models/files/files.h"
#include "models/process/process.h"
#include "models/signals/signals.h"
#include "processor/aside.h"
#include "schedule/above.h"
#include "schedule/parking.h"
#include "state/core_limit.h"
#include "state/run.h"
#include "state/self.h"

enum { STAND_IN_MS = 1000 /* at most, until they have their registers: it takes microseconds */ };

static void write_whole(const char *path, const uint8_t *bytes, size_t size)
{
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0) {
        rfn_internal("cannot write %s into the folder of the confirmation", path);
    }
    while (size > 0) {
        size_t now = size < (1 << 20) ? size : 1 << 20;
        if (rfn_os_write(file, bytes, now) != 0) {
            rfn_internal("cannot write %s into the folder of the confirmation", path);
        }
        bytes += now;
        size -= now;
        rfn.control_block->counters.beat++;
    }
    close(file);
}

/* The files that the program wrote get real ones: file-0, file-1, ... in the order of the event's list, those of a child of
 * fork child-1.file-1, ... What they are called lies in name-0, name-1, ... */
static void write_file(const char *name, const uint8_t *bytes, size_t size, void *context)
{
    unsigned *number = context;
    char path[64], label[32];
    if (rfn_child()) {
        rfn_child_label(label, sizeof label);
        snprintf(path, sizeof path, "%s.file-%u", label, ++*number);
        write_whole(path, bytes, size);
        return;
    }
    if (rfn_is_path(name)) {
        snprintf(path, sizeof path, "name-%u", *number);
        write_whole(path, (const uint8_t *)name, strlen(name));
    }
    snprintf(path, sizeof path, "file-%u", (*number)++);
    write_whole(path, bytes, size);
}

/* An empty file of that name. */
static void map_named(const char *name, void *context)
{
    const char *memfd = strstr(name, "memfd:") == name + 1 ? name + sizeof "memfd:" : name;
    int file = memfd_create(memfd, MFD_CLOEXEC);
    (void)context;
    if (file >= 0 && ftruncate(file, RFN_PAGE) == 0) {
        mmap(NULL, RFN_PAGE, PROT_READ, MAP_PRIVATE, file, 0);
    }
}

/* What the kernel writes in the notes of a core: the name of the process, and of the files that are mapped. */
static void tell_names(void)
{
    const char *name = rfn_fibers[rfn.leader].name;
    if (name[0] != 0) {
        prctl(PR_SET_NAME, name);
    }
    rfn_maps_names(map_named, NULL);
}

/* What may be in the dumps of a child of fork: the event is its parent's, who may allow other secrets. */
static void write_allowed(void)
{
    char path[64], label[32], bits[32];
    rfn_child_label(label, sizeof label);
    snprintf(path, sizeof path, "%s.allowed", label);
    snprintf(bits, sizeof bits, "%" PRIx64, rfn.strikes ? rfn.allowed_at_strike : rfn.allowed);
    write_whole(path, (const uint8_t *)bits, strlen(bits));
}

/* What is to be kept of the process is written, and what its core must not hold is left out of it: it may die now. */
static void before_death(void)
{
    unsigned files = 0;
    rfn_go_home();
    rfn_describe_fibers();
    rfn_family_ends();
    rfn_pages_open();
    rfn_files_visit(write_file, &files);
    if (rfn_child()) {
        write_allowed();
        rfn_child_leaves();
    }
    rfn_event_death();
    tell_names();
    rfn_filter();
    rfn_hide();
    if (!rfn_leaves_core() && rfn.control_block->plan.crash != RFN_CRASH_KILL) {
        prctl(PR_SET_DUMPABLE, 0);
    } else if (rfn.control_block->plan.real == RFN_REAL_STOPPED) {
        ptrace(PTRACE_TRACEME, 0, NULL, NULL); /* the signal that would kill it stops it first */
    }
}

/* The threads that live beside `dying` become real ones, for a core shows the registers of all. */
static void stand_in_beside(rfn_fiber *dying)
{
    static const struct timespec moment = {.tv_nsec = 1000 * 1000};
    uint32_t started = 0;
    for (uint32_t i = 0; i < rfn_fiber_count; i++) {
        rfn_fiber *fiber = &rfn_fibers[i];
        rfn_aside_left(fiber);
        started += fiber != dying && fiber->life == RFN_ALIVE && rfn_stand_in(fiber) > 0;
    }
    for (unsigned waited = 0; rfn_standing_in < started && waited < STAND_IN_MS; waited++) {
        nanosleep(&moment, NULL);
    }
}

/* On the runtime's stack. RFN_KILLED: leaves out of the core what the program's real process would not have there, and lets
 * the victim raise the signal with its own registers; RFN_EXITED: writes the program's files into the working folder
 * and exits. Does not return NULL. */
static rfn_fiber *die(rfn_end end, int status)
{
    struct sigaction standard = {.sa_handler = SIG_DFL};
    rfn_fiber *fiber = rfn.victim != NULL ? rfn.victim : rfn_current;
    int number = end == RFN_KILLED && status != SIGKILL ? status : SIGABRT;
    rfn_parts_before_death();
    if (end != RFN_KILLED || fiber == NULL) {
        _exit(end == RFN_EXITED ? status & 0x7f : 71);
    }
    sigaction(number, &standard, NULL);
    stand_in_beside(fiber);
    if (fiber->life != RFN_ALIVE) {
        raise(number); /* nobody is left whose registers could be shown */
        _exit(72);
    }
    rfn_unpark(fiber);
    return rfn_really(fiber, number);
}

static void begins(void) { rfn_above.die = die; }

RFN_PART(RFN_ON_DRIVER, real_death, .begins = begins, .before_death = before_death);
