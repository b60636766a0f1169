/* The handler of the crash runs on an alternate stack, as programs make it. */
#include <redactfuzz.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>

enum { SIZE = 65536 };

static unsigned char key[32];
static volatile int steps;

static void copied(volatile unsigned char *to, const volatile unsigned char *from)
{
    for (unsigned i = 0; i < sizeof key; i++) /* memcpy would leave half of it in a vector register */
        to[i] = from[i];
}

REDACTFUZZ_REDACTOR static void redact(void)
{
    explicit_bzero(key, sizeof key);
}

#if defined(KEEPS) || defined(WIPES)
__attribute__((noinline, no_sanitize_thread)) static void hashes(void) /* as a function of which no hook tells */
{
    volatile unsigned char local[sizeof key];
    copied(local, key);
#ifdef WIPES
    for (unsigned i = 0; i < sizeof key; i++)
        local[i] = 0;
#endif
}
#endif

static void on_crash(int number)
{
#if defined(KEEPS) || defined(WIPES)
    hashes();
#endif
#ifndef FORGETS
    redact();
#endif
    prctl(PR_SET_DUMPABLE, 1);
    signal(number, SIG_DFL);
    raise(number);
}

static void begin(void)
{
#ifdef MAPPED
    stack_t stack = {.ss_sp = mmap(0, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), .ss_size = SIZE};
#else
    stack_t stack = {.ss_sp = malloc(SIZE), .ss_size = SIZE};
#endif
    sigaltstack(&stack, NULL);
}

static void end(void)
{
    stack_t stack, off = {.ss_flags = SS_DISABLE};
    sigaltstack(&off, &stack);
    free(stack.ss_sp);
}

static void *work(void *argument)
{
    begin();
    steps = steps + 1;
    end();
    return argument;
}

int main(void)
{
    struct sigaction action = {.sa_handler = on_crash, .sa_flags = SA_ONSTACK};
    prctl(PR_SET_DUMPABLE, 0);
    sigaction(SIGSEGV, &action, NULL);
#ifndef THREAD
    begin();
#endif
    copied(key, redactfuzz_canary("k", sizeof key));
#ifdef THREAD
    pthread_t thread;
    pthread_create(&thread, NULL, work, NULL);
    pthread_join(thread, NULL);
    (void)steps;
#elif defined(GONE)
    stack_t stack;
    (void)work;
    sigaltstack(NULL, &stack);
    prctl(PR_SET_DUMPABLE, 1 < GONE);
    munmap(stack.ss_sp, SIZE); /* the kernel cannot call the handler any more */
    redact();
    prctl(PR_SET_DUMPABLE, 1);
#else
    (void)work;
#endif
    return 0;
}
