/* Right programs that need what a small model of a machine would refuse. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <redactfuzz.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define NESTED 0      /* code on the stack */
#define MOVED 1       /* a mapping goes where the program says */
#define RESERVED 2    /* much address space */
#define CANCELLED 3   /* a thread that calls nothing */
#define WRITTEN_CODE 4
#define TWO_VIEWS 5     /* of one file, at the same time */
#define ONE_BY_ONE 6    /* the same, one after the other */
#define HOLE 7          /* a file of 1 TiB */
#define ZEROS 8         /* memory of /dev/zero, shared and not */
#define ZEROS_KEPT 9    /* no right one: the key stays in it */
#define LATE 10         /* shared memory of a file, which may be written to later on */
#define LATE_KEPT 11    /* no right one: the key stays in the file */

enum { SIZE = 32, PAGE = 4096 };
static volatile unsigned char key[SIZE];
static volatile unsigned long counter;

REDACTFUZZ_REDACTOR static void wipe(void)
{
    for (int i = 0; i < SIZE; i++) key[i] = 0;
}

#if WHAT == CANCELLED
static void *counts(void *unused)
{
    (void)unused;
    pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
    for (;;) counter++;
}
#endif

static void works(void)
{
#if WHAT == NESTED
    int calls = 0, values[5] = {3, 1, 2, 5, 4};
    int order(const void *one, const void *other)
    {
        calls++;
        return *(const int *)one - *(const int *)other;
    }
    qsort(values, 5, sizeof values[0], order);
    if (calls == 0 || values[0] != 1 || values[4] != 5) abort();
#elif WHAT == MOVED
    volatile char *to = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    volatile char *from = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (int i = 0; i < SIZE; i++) from[i] = (char)key[i];
    if (mremap((void *)from, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to + PAGE) != to + PAGE) abort();
    for (int i = 0; i < SIZE; i++) if (to[PAGE + i] != (char)key[i]) abort();
    for (int i = 0; i < SIZE; i++) to[PAGE + i] = 0;
#elif WHAT == RESERVED
    if (mmap(NULL, (size_t)64 << 30, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) == MAP_FAILED) abort();
#elif WHAT == CANCELLED
    pthread_t thread;
    void *result;
    if (pthread_create(&thread, NULL, counts, NULL) != 0) abort();
    pthread_cancel(thread);
    if (pthread_join(thread, &result) != 0 || result != PTHREAD_CANCELED) abort();
#elif WHAT == WRITTEN_CODE && defined(__x86_64__)
    unsigned char *code = mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    static const unsigned char seven[] = {0xb8, 7, 0, 0, 0, 0xc3}; /* mov $7, %eax; ret */
    memcpy(code, seven, sizeof seven);
    if (((int (*)(void))(uintptr_t)code)() != 7) abort();
#elif WHAT == TWO_VIEWS || WHAT == ONE_BY_ONE
    int file = memfd_create("pages", 0);
    if (ftruncate(file, PAGE) != 0) abort();
    volatile char *one = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (WHAT == ONE_BY_ONE) one[0] = 1;
    if (WHAT == ONE_BY_ONE && munmap((void *)one, PAGE) != 0) abort();
    volatile char *other = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (WHAT == TWO_VIEWS) one[0] = 1;
    if (other[0] != 1) abort();
#elif WHAT == HOLE
    int file = memfd_create("pages", 0);
    if (ftruncate(file, (off_t)1 << 40) != 0) abort();
#elif WHAT == ZEROS || WHAT == ZEROS_KEPT
    int file = open("/dev/zero", O_RDWR);
    volatile unsigned char *shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    volatile unsigned char *own = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
    if (file < 0 || shared == MAP_FAILED || own == MAP_FAILED || shared[0] != 0 || own[0] != 0) abort();
    own[0] = 1;
    for (int i = 0; i < SIZE; i++) shared[i] = key[i];
    if (fork() == 0) {
        shared[0] = key[0] ^ 1;
        _exit(0);
    }
    wait(NULL);
    if (shared[0] != (key[0] ^ 1)) abort();
    for (int i = WHAT == ZEROS_KEPT ? SIZE : 0; i < SIZE; i++) shared[i] = 0;
#elif WHAT == LATE || WHAT == LATE_KEPT
    char seen[8] = "";
    int file = open("/tmp/mapped_late", O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (file < 0 || ftruncate(file, PAGE) != 0) abort();
    volatile unsigned char *shared = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, file, 0);
    if (shared == MAP_FAILED || pwrite(file, "before", 6, PAGE / 2) != 6) abort();
    if (mprotect((void *)shared, PAGE, PROT_READ | PROT_WRITE) != 0 || shared[PAGE / 2] != 'b') abort();
    for (int i = 0; i < SIZE; i++) shared[i] = key[i];
    shared[PAGE / 2] = 'B';
    if (pread(file, seen, 6, PAGE / 2) != 6 || memcmp(seen, "Before", 6) != 0) abort();
    for (int i = WHAT == LATE_KEPT ? SIZE : 0; i < SIZE; i++) shared[i] = 0;
    close(file);
#endif
}

int main(void)
{
    redactfuzz_allow("key");
    const unsigned char *secret = redactfuzz_canary("key", SIZE);
    for (int i = 0; i < SIZE; i++) key[i] = secret[i];
    works();
    wipe();
    redactfuzz_forbid("key");
    return 0;
}
