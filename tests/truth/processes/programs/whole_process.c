/* Where the secret goes, and who wipes it, beside main and its threads. WHAT says where; CLEAN does it right. */
#define _GNU_SOURCE
#include <pthread.h>
#include <redactfuzz.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define DESTRUCTOR 0    /* copies the key as the process ends */
#define SHARED 1        /* a child of fork fills shared memory */
#define SHARED_FILE 2   /* the same, in a mapping of a memfd */
#define AT_FORK 3       /* handlers of pthread_atfork wipe before the fork, so that no child has the key */
#define NAME 4          /* the process is called by the secret */
#define THREAD_NAME 5   /* the first thread is, by whose name a core calls the process */
#define FILE_NAME 6     /* a mapped memfd is */
#define OTHER_NAME 7    /* another thread is, which may die: no core tells */
#define FORKING_NAME 8  /* the same, and its child of fork is a process that is called so */
#define LATE_HANDLER 9  /* a handler of atexit does, which a destructor has registered */

enum { SIZE = 32 };
static unsigned char key[SIZE], other[SIZE];
static unsigned char *shared;

REDACTFUZZ_REDACTOR static void wipe(void *at, size_t size)
{
    for (size_t i = 0; i < size; i++) ((volatile unsigned char *)at)[i] = 0;
}

static void take(void *to, size_t size)
{
    const unsigned char *from = redactfuzz_canary("key", size);
    for (size_t i = 0; i < size; i++) ((volatile unsigned char *)to)[i] = from[i];
}

#if WHAT == DESTRUCTOR || WHAT == LATE_HANDLER
#if WHAT == DESTRUCTOR
__attribute__((destructor))
#endif
static void last(void)
{
    redactfuzz_allow("key");
    take(other, SIZE);
    if (CLEAN) wipe(other, SIZE);
    redactfuzz_forbid("key");
}
#endif

#if WHAT == LATE_HANDLER
__attribute__((destructor)) static void registers(void) { atexit(last); }
#endif

static void before(void) { wipe(key, SIZE); }
static void in_child(void) { wipe(other, SIZE); }

static void *named(void *name)
{
    pthread_setname_np(pthread_self(), CLEAN ? "worker" : name);
    if (WHAT == FORKING_NAME && fork() == 0) {
        usleep(1);
        _exit(0);
    }
    usleep(1);
    return NULL;
}

int main(void)
{
    pthread_t thread;
    (void)thread, (void)before, (void)in_child, (void)named;
    redactfuzz_allow("key");
    take(key, SIZE);
    wipe(key, SIZE);
    (void)shared;
#if WHAT == SHARED || WHAT == SHARED_FILE
    int file = WHAT == SHARED ? -1 : memfd_create("ring", 0);
    if (file >= 0 && ftruncate(file, 4096) != 0) return 1;
    shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | (file < 0 ? MAP_ANONYMOUS : 0), file, 0);
    if (fork() == 0) {
        take(shared + 100, SIZE);
        _exit(0);
    }
    wait(NULL);
    if (shared[100] == 0 && shared[101] == 0 && shared[102] == 0) abort(); /* it did not come */
    if (CLEAN) wipe(shared, 4096);
#elif WHAT == AT_FORK
    take(key, SIZE);
    take(other, SIZE);
    pthread_atfork(CLEAN ? before : NULL, NULL, CLEAN ? in_child : NULL);
    if (fork() == 0) {
        redactfuzz_forbid("key");
        abort(); /* leaves a core */
    }
    wait(NULL);
    wipe(key, SIZE);
    wipe(other, SIZE);
#elif WHAT == NAME
    prctl(PR_SET_NAME, CLEAN ? "worker" : (const char *)redactfuzz_canary("name", 12));
#elif WHAT == THREAD_NAME
    pthread_setname_np(pthread_self(), CLEAN ? "worker" : (const char *)redactfuzz_canary("name", 12));
#elif WHAT == OTHER_NAME || WHAT == FORKING_NAME
    const unsigned char *name = redactfuzz_canary("name", 12);
    redactfuzz_allow("name");
    for (int i = 0; i < 12; i++) ((volatile unsigned char *)other)[i] = name[i];
    wipe(other, SIZE);
    redactfuzz_forbid("name");
    pthread_create(&thread, NULL, named, (void *)(size_t)name);
    pthread_join(thread, NULL);
#elif WHAT == FILE_NAME
    int one = memfd_create(CLEAN ? "ring" : (const char *)redactfuzz_canary("name", 12), 0);
    if (ftruncate(one, 4096) != 0 || mmap(NULL, 4096, PROT_READ, MAP_SHARED, one, 0) == MAP_FAILED) return 1;
#endif
    redactfuzz_forbid("key");
    return 0;
}
