/* A limit on cores of less than a page, and many shared mappings at a time or one after the other. */
#include <sys/mman.h>
#include <sys/resource.h>

#include "../../wiped_key.h"

static unsigned char copy[32];
static volatile int steps;

int main(void)
{
    begins();
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
