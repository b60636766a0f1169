/* How the process ends: exit and its handlers, abort, failed assertions. */
#include "models/process/process.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/parts.h"
#include "choices/event.h"
#include "memory/library.h"
#include "memory/memory.h"
#include "models/family/fork.h"
#include "models/memory/locked.h"
#include "models/signals/signals.h"
#include "models/streams/streams.h"
#include "models/strings/chance.h"
#include "models/strings/zone.h"
#include "models/threads/sync.h"
#include "processor/aside.h"
#include "schedule/ending.h"
#include "schedule/point.h"
#include "state/objects.h"
#include "state/outcome.h"
#include "state/program.h"
#include "state/run.h"
#include "state/self.h"

enum { HANDLERS = 1024 };

typedef enum shape { PLAIN, WITH_ARGUMENT, WITH_STATUS, QUICK } shape;

typedef struct handler {
    union {
        void (*plain)(void);
        void (*with_argument)(void *);
        void (*with_status)(int, void *);
    } call;
    void **argument; /* in memory that a core holds; NULL: none */
    shape shape;
} handler;

static RFN_STATE handler handlers[HANDLERS];
static void *arguments_at_load[HANDLERS];
static RFN_STATE uint32_t count;
static RFN_STATE uint32_t most; /* as many as there were at a time, in this execution */
static uint32_t kept; /* those that the program's constructors have registered: every execution begins with them */
static handler at_load[HANDLERS];

static void reset(void)
{
    if (most > 0) {
        memcpy(handlers, at_load, kept * sizeof handlers[0]); /* one that runs makes room for one that it registers */
        memset(&handlers[kept], 0, (most - kept) * sizeof handlers[0]);
    }
    count = most = kept;
}

static int loaded(void *handle)
{
    (void)handle;
    kept = count;
    memcpy(at_load, handlers, kept * sizeof handlers[0]);
    return 1;
}

/* -- handlers */

static int registered(handler h, void *argument, uintptr_t site)
{
    rfn_at(RF_RMW, RFN_OBJECT(RFN_PROCESS), site);
    if (count == HANDLERS) {
        return -1;
    }
    if (argument != NULL) {
        h.argument = rfn_current == NULL ? &arguments_at_load[count] : rfn_library(sizeof *h.argument);
        *h.argument = argument;
    }
    handlers[count++] = h;
    most = count > most ? count : most;
    return 0;
}

int model_atexit(void (*function)(void))
{
    return registered((handler){.call.plain = function, .shape = PLAIN}, NULL, SITE());
}

int model_on_exit(void (*function)(int, void *), void *argument)
{
    return registered((handler){.call.with_status = function, .shape = WITH_STATUS}, argument, SITE());
}

int model___cxa_atexit(void (*function)(void *), void *argument, void *object)
{
    (void)object;
    return registered((handler){.call.with_argument = function, .shape = WITH_ARGUMENT}, argument, SITE());
}

int model_at_quick_exit(void (*function)(void))
{
    return registered((handler){.call.plain = function, .shape = QUICK}, NULL, SITE());
}

int model___cxa_at_quick_exit(void (*function)(void *), void *object)
{
    (void)object;
    return registered((handler){.call.plain = (void (*)(void))(void *)function, .shape = QUICK}, NULL, SITE());
}

/* In reverse order; one that registers another one is served as well. */
static void run_handlers(int status, int quick)
{
    while (count > 0) {
        handler h = handlers[--count];
        void *argument = h.argument == NULL ? NULL : *h.argument; /* it stays there, as libc leaves it */
        if ((h.shape == QUICK) != quick) {
            continue;
        }
        switch (h.shape) {
        case WITH_ARGUMENT:
            rfn_call_program((void *)h.call.with_argument, argument, NULL);
            break;
        case WITH_STATUS:
            rfn_call_program((void *)h.call.with_status, (void *)(intptr_t)status, argument);
            break;
        default:
            rfn_call_program((void *)h.call.plain, NULL, NULL);
            break;
        }
    }
}

/* -- the end */

_Noreturn void rfn_exit_process(int status, uintptr_t site)
{
    rfn_at(RF_RMW, RFN_OBJECT(RFN_PROCESS), site);
    rfn_thread_locals_end();
    run_handlers(status, 0);
    rfn_run_destructors();
    run_handlers(status, 0); /* what destructors have registered: they all run as one handler */
    rfn_parts_exit(site);
    rfn_exit(status & 0xff);
}

_Noreturn void model_exit(int status)
{
    rfn_exit_process(status, SITE());
}

_Noreturn void model_quick_exit(int status)
{
    rfn_at(RF_RMW, RFN_OBJECT(RFN_PROCESS), SITE());
    run_handlers(status, 1);
    rfn_exit(status & 0xff);
}

/* Streams keep what they had not written yet. */
_Noreturn void model__exit(int status)
{
    rfn_exit_at_once(status & 0xff, SITE());
}

_Noreturn void rfn_abort(uintptr_t site, uint64_t place, const char *why)
{
    rfn_at(RF_RMW, RFN_OBJECT(RFN_PROCESS), site);
    /* A crash handler may end so, and a child that was made for its core. */
    if (rfn.strikes == 0 && rfn_current->in_handler == 0 && !rfn_child()
        && (rfn.control_block->plan.oracles & 1u << RFN_BUG_ASSERT)) {
        rfn_bug_noted(RFN_BUG_ABORT, rfn_current->number, place, why);
    }
    rfn_current->blocked &= ~(UINT64_C(1) << (SIGABRT - 1));
    rfn_send(rfn_current, SIGABRT, site);
    rfn_killed(SIGABRT); /* its handler came back */
}

_Noreturn void model_abort(void)
{
    rfn_abort(SITE(), rfn_site(SITE()), "abort() was called");
}

/* -- what ends in abort(), and is a bug by itself */

/* The words of assert() are literals of the program; what it may write to is not shown. */
static const char *literal(const char *text)
{
    return text == NULL || rfn_is_program(text) ? "..." : text;
}

/* The last part of a path: reports do not show where somebody's files lie. */
static const char *file_of(const char *path)
{
    const char *slash = strrchr(literal(path), '/');
    return slash == NULL ? literal(path) : slash + 1;
}

_Noreturn void model___assert_fail(const char *expression, const char *file, unsigned line, const char *function)
{
    (void)function;
    rfn_bug(RFN_BUG_ASSERT, SITE(), "assertion %s failed, %s:%u", literal(expression), file_of(file), line);
}

_Noreturn void model___assert(const char *expression, const char *file, int line)
{
    rfn_bug(RFN_BUG_ASSERT, SITE(), "assertion %s failed, %s:%d", literal(expression), file_of(file), line);
}

_Noreturn void model___assert_perror_fail(int error, const char *file, unsigned line, const char *function)
{
    (void)function;
    rfn_bug(RFN_BUG_ASSERT, SITE(), "unexpected error %d, %s:%u", error, file_of(file), line);
}

_Noreturn void model___stack_chk_fail(void)
{
    rfn_bug(RFN_BUG_FAULT, SITE(), "a function wrote past the end of its frame (stack smashing detected)");
}

_Noreturn void model___chk_fail(void)
{
    rfn_bug(RFN_BUG_MISUSE, SITE(), "buffer overflow detected");
}

RFN_PART(RFN_ON_MODELS_PROCESS, process, .loaded = loaded, .reset = reset);
