/* The crash report shows the blocks of a pool that hold a request. A worker's block holds its request, then its key. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <redactfuzz.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { BLOCKS = 3, SIZE = 16 };

static unsigned char pool[BLOCKS][SIZE] = {"GET /eu/balance", "GET /us/balance", "GET /eu/status"};
static atomic_int listed[BLOCKS] = {1, 1, 1};

/* A block that is not on the list is in no report. */
REDACTFUZZ_REDACTOR static void unlist(size_t block)
{
    atomic_store(&listed[block], 0);
}

static void on_crash(int number)
{
    (void)number;
    size_t blocks[BLOCKS], count = 0;
    for (size_t i = 0; i < BLOCKS; i++) {
        if (atomic_load(&listed[i])) blocks[count++] = i;
    }
    int file = open("crash.report", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (file < 0) _exit(1);
    for (size_t i = 0; i < count; i++) {
        unsigned char copy[SIZE];
        memcpy(copy, pool[blocks[i]], SIZE);
        if (!atomic_load(&listed[blocks[i]])) continue; /* taken off the list meanwhile: the copy may be of anything */
        if (write(file, copy, SIZE) != SIZE) break;
    }
    close(file);
    _exit(1);
}

/* The request is done: its block is used again, for a key. */
static void sign(size_t block, const unsigned char *key)
{
    unlist(block);
    memcpy(pool[block], key, SIZE);
}

static void *eu(void *unused)
{
    sign(0, redactfuzz_canary("eu key", SIZE));
    return unused;
}

static void *us(void *unused)
{
    sign(1, redactfuzz_canary("us key", SIZE));
    return unused;
}

int main(void)
{
    prctl(PR_SET_DUMPABLE, 0); /* the report takes the place of the kernel's core */
    struct sigaction action = {.sa_handler = on_crash};
    sigaction(SIGSEGV, &action, NULL);
    pthread_t first, second;
    pthread_create(&first, NULL, eu, NULL);
    pthread_create(&second, NULL, us, NULL);
    pthread_join(first, NULL);
    pthread_join(second, NULL);
    return 0;
}
