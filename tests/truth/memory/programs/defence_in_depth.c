/* A key in memory that no core holds, HOW says by what, which the handler wipes as well (WIPED). */
#define _GNU_SOURCE
#include <fcntl.h>
#include <redactfuzz.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ADVICE 0
#define SECRET 1
#define BOTH 2
#define GUARDED 3 /* as sodium_malloc: at the end of a page, between two that nobody may touch, locked */
#define UNDUMPABLE 4

enum { PAGE = 4096, SIZE = 32 };
static unsigned char table[SIZE];
static unsigned char *key = table;

REDACTFUZZ_REDACTOR static void wipe(void)
{
    if (WIPED)
        for (size_t i = 0; i < SIZE; i++) ((volatile unsigned char *)key)[i] = 0;
}

static void on_crash(int number)
{
    wipe();
#if HOW == UNDUMPABLE
    int file = open("crash.report", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (file < 0 || write(file, "died\n", 5) != 5) _exit(2);
#endif
    signal(number, SIG_DFL);
    raise(number);
}

int main(void)
{
    signal(SIGSEGV, on_crash);
#if HOW == UNDUMPABLE
    prctl(PR_SET_DUMPABLE, 0);
#elif HOW == SECRET || HOW == BOTH
    int file = (int)syscall(447 /* memfd_secret */, 0);
    if (file < 0 || ftruncate(file, PAGE) != 0) return 1;
    key = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
#elif HOW == GUARDED
    unsigned char *pages = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(pages, PAGE, PROT_NONE);
    mprotect(pages + 2 * PAGE, PAGE, PROT_NONE);
    mlock(pages + PAGE, PAGE);
    madvise(pages + PAGE, PAGE, MADV_DONTDUMP);
    key = pages + 2 * PAGE - SIZE;
#else
    key = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
#endif
#if HOW == ADVICE || HOW == BOTH
    madvise(key, PAGE, MADV_DONTDUMP);
#endif
    const unsigned char *from = redactfuzz_canary("key", SIZE);
    for (size_t i = 0; i < SIZE; i++) ((volatile unsigned char *)key)[i] = from[i];
#ifdef COPIED
    for (size_t i = 0; i < SIZE; i++) ((volatile unsigned char *)table)[i] = key[i];
#endif
    return 0;
}
