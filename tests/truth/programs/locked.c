/* A key lies in pages whose content madvise is to take away. RIGHT: the kernel does it. */
#define _GNU_SOURCE
#include <redactfuzz.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define LOCKED 0       /* the kernel refuses it of locked pages */
#define ALL_LOCKED 1
#define BORN_LOCKED 2
#define PRIVATE_FILE 3 /* right: what is read again is the file's */
#define REMOVED 4      /* right: the hole is in the file as well */
#ifndef MADV_DONTNEED_LOCKED
#define MADV_DONTNEED_LOCKED 24
#endif

enum { SIZE = 32, PAGE = 4096 };

REDACTFUZZ_REDACTOR static void wipe(volatile unsigned char *pages)
{
#if WHAT == PRIVATE_FILE
    if (madvise((void *)pages, PAGE, MADV_DONTNEED) != 0) abort();
#elif WHAT == REMOVED
    if (madvise((void *)pages, PAGE, MADV_REMOVE) != 0) abort();
#else
    madvise((void *)pages, PAGE, RIGHT && WHAT == BORN_LOCKED ? MADV_DONTNEED_LOCKED : MADV_DONTNEED);
#endif
}

int main(void)
{
    redactfuzz_allow("key");
    const unsigned char *secret = redactfuzz_canary("key", SIZE);
    int file = -1, flags = MAP_PRIVATE | MAP_ANONYMOUS;
#if WHAT == PRIVATE_FILE || WHAT == REMOVED
    file = memfd_create("pages", 0);
    if (ftruncate(file, PAGE) != 0) abort();
    flags = WHAT == REMOVED ? MAP_SHARED : MAP_PRIVATE;
#elif WHAT == BORN_LOCKED
    flags |= MAP_LOCKED;
#elif WHAT == ALL_LOCKED
    if (mlockall(MCL_CURRENT | MCL_FUTURE) != 0) abort();
#endif
    volatile unsigned char *pages = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, flags, file, 0);
    if (pages == MAP_FAILED) abort();
#if WHAT == LOCKED
    if (mlock((void *)pages, PAGE) != 0) abort();
    if (RIGHT && munlock((void *)pages, PAGE) != 0) abort();
#elif WHAT == ALL_LOCKED
    if (RIGHT && munlockall() != 0) abort();
#endif
    for (int i = 0; i < SIZE; i++) pages[i] = secret[i];
    wipe(pages);
    redactfuzz_forbid("key");
    return 0;
}
