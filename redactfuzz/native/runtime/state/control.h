/* The control block of a thread: what glibc keeps in its struct pthread. It lies at the very top of the thread's stack, so
 * that it is zero at the start of each execution, and in a dump as the real one is. */
#ifndef RFN_CONTROL_H
#define RFN_CONTROL_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <unwind.h>

#include "state/fibers.h"

enum { RFN_NAME_SIZE = 16 }; /* of pthread_setname_np, the final zero included */

/* A destructor of a thread_local object. */
typedef struct rfn_thread_dtor {
    struct rfn_thread_dtor *next;
    void (*destroy)(void *);
    void *object;
} rfn_thread_dtor;

/* std::notify_all_at_thread_exit */
typedef struct rfn_notify_at_exit {
    struct rfn_notify_at_exit *next;
    pthread_cond_t *condition;
    pthread_mutex_t *mutex;
} rfn_notify_at_exit;

/* A routine of pthread_once that runs; on the stack. */
typedef struct rfn_once {
    int *flag;
    struct rfn_once *outer;
} rfn_once;

typedef struct rfn_control {
    void *(*start)(void *);
    void *argument;
    void *result;
    uint64_t blocked, pending; /* what the kernel knows of it and writes into a core, and its errno: rfn_describe_fibers */
    int error;                 /* lays them here */
    rfn_thread_dtor *thread_dtors;   /* the latest first */
    rfn_notify_at_exit *notify_at_exit;
    pthread_mutex_t *robust;   /* robust mutexes that it holds, through __data.__list.__next */
    rfn_once *once;            /* innermost */
    void *once_callable;       /* std::__once_callable and std::__once_call of this thread */
    void *once_call;
    struct _Unwind_Exception exception; /* that unwinds its frames when it exits */
    void *exceptions[2];       /* libstdc++'s __cxa_eh_globals, while another thread runs */
    uint32_t joining;          /* 1 + number of the thread that it waits for in pthread_join */
    uint8_t cancellable;       /* 1 + handlers it was in when it came to the cancellation point that it is parked at; 0 */
    uint8_t asynchronous;
    uint8_t leaving;           /* it exits, or was cancelled: no further cancellation */
    uint8_t interruptible;     /* 1 + handlers it was in when it began what a handler ends early (rfn_interruptible); 0 */
    uint8_t sleeps;            /* any handler ends it, whatever it waits for, and SA_RESTART does not count */
    uint8_t interrupted;       /* one has */
    char *stack;               /* that the program wanted it to run on; NULL */
    size_t stack_size;
} __attribute__((aligned(64))) rfn_control;

/* Of a constructor of the program, which runs before there are threads. */
extern rfn_control rfn_control_at_load;
/* The two words in which libstdc++ keeps what an OS thread has caught; NULL: nothing throws. */
extern void **rfn_exceptions;

static inline rfn_control *rfn_control_of(const rfn_fiber *fiber)
{
    return fiber == NULL ? &rfn_control_at_load : (rfn_control *)(fiber->top - sizeof(rfn_control));
}

/* 16 bytes. */
static inline const char *rfn_thread_name(const rfn_fiber *fiber)
{
    return fiber == NULL || fiber->name[0] == 0 ? "program\0\0\0\0\0\0\0\0" : fiber->name;
}

static inline uint32_t rfn_self(void)
{
    return rfn_current == NULL ? RFN_MAIN : rfn_current->number;
}

/* What an owner field holds: never 0. */
static inline int rfn_owner_mark(void)
{
    return (int)rfn_self() + 1;
}

#endif
