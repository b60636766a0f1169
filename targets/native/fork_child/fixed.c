/* A service writes no cores; the helper that it forks does, because its crashes are of interest. The helper must not inherit
 * the key, nor where it lies.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <redactfuzz.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGE = 4096, KEY = 16 };

struct registry {
    unsigned char *key;
    size_t size;
};

static struct registry *registry;
static unsigned char *key;
static atomic_uint signature;

static void *page(void)
{
    void *memory = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) abort();
    return memory;
}

/* Byte by byte: memcpy would leave the key in vector registers. */
static void load(volatile unsigned char *to, const volatile unsigned char *from)
{
    for (size_t i = 0; i < KEY; i++) to[i] = from[i];
}

REDACTFUZZ_REDACTOR static void keep_from_children(void)
{
    if (madvise(registry, PAGE, MADV_WIPEONFORK) != 0) abort();
    if (madvise(key, PAGE, MADV_WIPEONFORK) != 0) abort();
}

static void *sign(void *unused)
{
    load(key, redactfuzz_canary("signing key", KEY));
    registry->key = key;
    registry->size = KEY;
    const volatile unsigned char *bytes = key;
    atomic_store(&signature, bytes[0] * 31u + bytes[KEY - 1]);
    for (volatile unsigned char *rest = key; rest < key + KEY; rest++) *rest = 0;
    return unused;
}

/* The helper meets a fault of its own. */
static void help(void)
{
    prctl(PR_SET_DUMPABLE, 1);
    raise(SIGSEGV);
    _exit(1);
}

static void *start_helper(void *unused)
{
    pid_t child = fork();
    if (child == 0) help();
    if (child > 0) waitpid(child, NULL, 0);
    return unused;
}

int main(void)
{
    prctl(PR_SET_DUMPABLE, 0);
    registry = page();
    key = page();
    keep_from_children();
    pthread_t signer, starter;
    pthread_create(&signer, NULL, sign, NULL);
    pthread_create(&starter, NULL, start_helper, NULL);
    pthread_join(signer, NULL);
    pthread_join(starter, NULL);
    return 0;
}
