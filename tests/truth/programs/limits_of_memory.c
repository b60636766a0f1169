/* A limit on cores of less than a page, and many shared mappings at a time or one after the other. */
#include <redactfuzz.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

static unsigned char key[32];
static unsigned char copy[32];
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

static void on_crash(int number)
{
    redact();
    prctl(PR_SET_DUMPABLE, 1);
    signal(number, SIG_DFL);
    raise(number);
}

int main(void)
{
    prctl(PR_SET_DUMPABLE, 0);
    signal(SIGSEGV, on_crash);
    copied(key, redactfuzz_canary("k", sizeof key));
#if defined(LIMIT)
    struct rlimit limit = {LIMIT, RLIM_INFINITY};
    setrlimit(RLIMIT_CORE, &limit);
#ifndef RIGHT
    copied(copy, key);
#endif
    steps = steps + 1;
    explicit_bzero(copy, sizeof copy);
    limit.rlim_cur = RLIM_INFINITY;
    setrlimit(RLIMIT_CORE, &limit);
#elif defined(PAGES)
    for (int i = 0; i < PAGES; i++) {
        void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (page == MAP_FAILED)
            copied(copy, key);
#ifndef STAY
        munmap(page, 4096);
#endif
    }
#endif
    steps = steps + 1;
    redact();
    return 0;
}
