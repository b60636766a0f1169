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
#define CLOSED 5       /* right: that nobody may touch it does not matter */
#define CLOSED_FILE 6  /* right: the same of a private mapping of a file */
#define CLOSED_SHARED 7 /* right: msync takes what nobody may touch */
#ifndef MADV_DONTNEED_LOCKED
#define MADV_DONTNEED_LOCKED 24
#endif

enum { SIZE = 32, PAGE = 4096 };

REDACTFUZZ_REDACTOR static void wipe(volatile unsigned char *pages)
{
#if WHAT == PRIVATE_FILE || WHAT == CLOSED || WHAT == CLOSED_FILE
    if (madvise((void *)pages, PAGE, MADV_DONTNEED) != 0) abort();
#elif WHAT == REMOVED || WHAT == CLOSED_SHARED
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
#if WHAT == PRIVATE_FILE || WHAT == REMOVED || WHAT == CLOSED_FILE || WHAT == CLOSED_SHARED
    file = memfd_create("pages", 0);
    if (ftruncate(file, PAGE) != 0) abort();
    flags = WHAT == REMOVED || WHAT == CLOSED_SHARED ? MAP_SHARED : MAP_PRIVATE;
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
#if WHAT == CLOSED || WHAT == CLOSED_FILE
    if (mprotect((void *)pages, PAGE, WHAT == CLOSED ? PROT_NONE : PROT_READ) != 0) abort();
#elif WHAT == CLOSED_SHARED
    if (mprotect((void *)pages, PAGE, PROT_NONE) != 0 || msync((void *)pages, PAGE, MS_SYNC) != 0) abort();
    if (mprotect((void *)pages, PAGE, PROT_READ | PROT_WRITE) != 0) abort();
#endif
    wipe(pages);
    redactfuzz_forbid("key");
    return 0;
}
