#define _GNU_SOURCE
#include "process/pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "process/confine.h"

typedef struct worker {
    uint16_t number; /* of the threads that it runs, in each execution */
    int idle;
    int has_slot; /* its stack is the one of its number */
    int kept; /* whoever started it is kept to its files, and so is this: a domain of its own would part their children */
    rfh_thread *job; /* NULL: stop */
    rfh_gate gate;
    pthread_t os_thread;
} worker;

/* By number, so that a thread has the same one, and ident, in every execution. Changed by the running thread alone, except
 * `idle`, which a worker that finishes sets itself: hence the lock. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static worker *workers[RFH_MAX_THREADS];

/* Stacks of the first workers. The ident of a thread is an address in its stack, and faulthandler prints it: so that it is the same in
 * each execution, also of a worker that is started again and of a forked process, they are at fixed places. Further workers, and
 * those that take the place of a thread that was abandoned on its stack, get stacks from libc. */
enum { STACKS = 16, LARGEST_STACK = 64 << 20 };
static char *stacks;
static size_t stack_size;
static uint8_t stack_in_use[STACKS];

static size_t page_size(void) { return (size_t)sysconf(_SC_PAGESIZE); }

static void reserve_stacks(void)
{
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0)
        return;
    if (pthread_attr_getstacksize(&attributes, &stack_size) == 0 && stack_size <= LARGEST_STACK) {
        stack_size -= stack_size % page_size();
        int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK;
        char *all = mmap(NULL, STACKS * stack_size, PROT_NONE, flags, -1, 0);
        stacks = all == MAP_FAILED ? NULL : all;
    }
    pthread_attr_destroy(&attributes);
}

/* Starts `w`, on the stack of its number where that is free. Returns 0, or an error number. */
static int create_thread(worker *w, void *(*begin)(void *))
{
    char *stack = stacks && w->number < STACKS && !stack_in_use[w->number] ? stacks + w->number * stack_size : NULL;
    size_t guard = page_size(); /* an overflow meets this page, and no other stack */
    if (stack == NULL || mprotect(stack + guard, stack_size - guard, PROT_READ | PROT_WRITE) != 0)
        return pthread_create(&w->os_thread, NULL, begin, w);
    pthread_attr_t attributes;
    int failed = pthread_attr_init(&attributes);
    if (failed)
        return failed;
    failed = pthread_attr_setstack(&attributes, stack + guard, stack_size - guard);
    w->has_slot = !failed; /* before it runs: from then on it may end at any time, and `w` with it */
    if (!failed)
        failed = pthread_create(&w->os_thread, &attributes, begin, w);
    pthread_attr_destroy(&attributes);
    stack_in_use[w->number] = !failed;
    return failed;
}

/* What to do with a thread, and then, when the worker is free for another. */
static void (*run)(rfh_thread *t), (*ended)(rfh_thread *t);

/* 0: another has its place, since it was busy for longer than its execution. */
static int put_back(worker *w)
{
    pthread_mutex_lock(&lock);
    w->idle = workers[w->number] == w;
    int kept = w->idle;
    pthread_mutex_unlock(&lock);
    return kept;
}

static void *work(void *argument)
{
    worker *self = argument;
    if (!self->kept)
        rfh_confine_me();
    for (;;) {
        while (!rfh_gate_wait(&self->gate, 0)) {
        }
        rfh_thread *t = self->job;
        if (t == NULL)
            return NULL;
        run(t);
        int kept = put_back(self);
        ended(t);
        if (!kept) {
            pthread_detach(pthread_self());
            free(self);
            return NULL;
        }
    }
}

static worker *start_worker(uint16_t number)
{
    worker *w = calloc(1, sizeof *w);
    if (w == NULL)
        return NULL;
    w->number = number;
    w->kept = rfh_me != NULL;
    sigset_t all, before;
    sigfillset(&all); /* signals are for the explorer, which is the process's main thread */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = create_thread(w, work);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed) {
        free(w);
        return NULL;
    }
    pthread_setname_np(w->os_thread, "redactfuzz");
    return w;
}

/* In the child of a fork by the code under test only that thread is left: nobody to hand over to, so nothing is
 * controlled there, and when its work is done the child is too. */
static int forked;

static void in_forked_child(void)
{
    if (rfh_me == NULL)
        return; /* a child of ours: see rfh_pool_forget */
    rfh_me = NULL;
    forked = 1;
}

void rfh_leave_if_forked(void)
{
    if (forked)
        _exit(0);
}

int rfh_pool_init(void (*runs)(rfh_thread *t), void (*has_ended)(rfh_thread *t))
{
    run = runs;
    ended = has_ended;
    reserve_stacks();
    return pthread_atfork(NULL, NULL, in_forked_child);
}

/* The one in this place, no longer idle; NULL where there is none that is. Nobody has the place then. */
static worker *taken(uint16_t number)
{
    pthread_mutex_lock(&lock);
    worker *w = workers[number];
    if (w && w->idle)
        w->idle = 0;
    else
        w = workers[number] = NULL;
    pthread_mutex_unlock(&lock);
    return w;
}

void rfh_pool_run(rfh_thread *t)
{
    worker *w = taken(t->id);
    if (w == NULL)
        w = start_worker(t->id);
    if (w == NULL)
        Py_FatalError("redactfuzz: the system refuses to start another thread");
    pthread_mutex_lock(&lock);
    workers[t->id] = w;
    pthread_mutex_unlock(&lock);
    w->job = t;
    rfh_gate_post(&w->gate);
}

void rfh_pool_stop(void)
{
    for (uint16_t number = 0; number < RFH_MAX_THREADS; number++) {
        worker *w = taken(number);
        workers[number] = NULL;
        if (w == NULL)
            continue;
        w->job = NULL;
        rfh_gate_post(&w->gate);
        pthread_join(w->os_thread, NULL);
        if (w->has_slot)
            stack_in_use[number] = 0;
        free(w);
    }
}

void rfh_pool_forget(void)
{
    pthread_mutex_init(&lock, NULL);
    for (uint16_t number = 0; number < RFH_MAX_THREADS; number++)
        workers[number] = NULL;
    memset(stack_in_use, 0, sizeof stack_in_use);
}
