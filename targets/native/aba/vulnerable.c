/* The crash report shows the blocks of a pool that hold a request. Blocks are used again: for a key, then for another request.
 * The handler looks before and after it copies a block whether it is still on the list.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <redactfuzz.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { SIZE = 16 };

static unsigned char block[SIZE] = "GET /balance";
static atomic_uint tag = 1; /* 0: not on the list */

static void list(void)
{
    atomic_store(&tag, 1);
}

REDACTFUZZ_REDACTOR static void unlist(void)
{
    atomic_store(&tag, 0);
}

static void on_crash(int number)
{
    (void)number;
    unsigned owner = atomic_load(&tag);
    if (owner == 0) _exit(1);
    unsigned char copy[SIZE];
    memcpy(copy, block, SIZE);
    if (atomic_load(&tag) != owner) _exit(1);
    int file = open("crash.report", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (file >= 0 && write(file, copy, SIZE) == SIZE) close(file);
    _exit(1);
}

static void *work(void *unused)
{
    unlist(); /* the request is done */
    memcpy(block, redactfuzz_canary("signing key", SIZE), SIZE);
    explicit_bzero(block, SIZE);
    memcpy(block, "GET /history\0\0\0", SIZE);
    list();
    return unused;
}

int main(void)
{
    prctl(PR_SET_DUMPABLE, 0); /* the report takes the place of the kernel's core */
    struct sigaction action = {.sa_handler = on_crash};
    sigaction(SIGSEGV, &action, NULL);
    pthread_t worker;
    pthread_create(&worker, NULL, work, NULL);
    pthread_join(worker, NULL);
    return 0;
}
