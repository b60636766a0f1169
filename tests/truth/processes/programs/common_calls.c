/* A key is used and wiped, with a CALL of the C library in between. LEAKY: no handler wipes it where a crash strikes meanwhile. */
#define _GNU_SOURCE
#include <pthread.h>
#include <redactfuzz.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/times.h>
#include <unistd.h>
#include <wchar.h>

static wchar_t key[8];
static volatile int failed;

REDACTFUZZ_REDACTOR static void wipe(void) { wmemset(key, 0, 8); }

static void on_crash(int number)
{
    wipe();
    signal(number, SIG_DFL);
    raise(number);
}

static int usage(void)
{
    struct rusage used;
    struct tms spent;
    return getrusage(RUSAGE_SELF, &used) == 0 && used.ru_maxrss > 0 && times(&spent) != (clock_t)-1;
}

static void *work(void *unused)
{
    wmemcpy(key, (const wchar_t *)(const void *)redactfuzz_canary("key", sizeof key), 8);
    failed = !(CALL);
    wmemset(key, 0, 8);
    return unused;
}

int main(void)
{
    pthread_t worker;
#ifndef LEAKY
    signal(SIGSEGV, on_crash);
#else
    (void)on_crash;
    wipe();
#endif
    pthread_create(&worker, NULL, work, NULL);
    pthread_join(worker, NULL);
    if (failed) {
        abort();
    }
    return 0;
}
