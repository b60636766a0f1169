/* One thread signs, one rotates the key twice. The crash report shows the object that the signer uses, unless it is listed as secret. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <redactfuzz.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { ROTATIONS = 2, KEY = 16 };

static unsigned char keys[ROTATIONS + 1][KEY];
static atomic_int listed[ROTATIONS + 1];
static atomic_size_t active;
static atomic_uint signature;

static void load(size_t number, const unsigned char *key)
{
    atomic_store(&listed[number], 1);
    memcpy(keys[number], key, KEY);
}

static void rotate(const unsigned char *key)
{
    size_t old = atomic_load(&active);
    load(old + 1, key);
    atomic_store(&active, old + 1);
    atomic_store(&listed[old], 0);
    explicit_bzero(keys[old], KEY);
}

REDACTFUZZ_REDACTOR static void redact(unsigned char *copy, size_t number)
{
    if (atomic_load(&listed[number])) memset(copy, '*', KEY);
}

static void on_crash(int number)
{
    (void)number;
    size_t used = atomic_load(&active);
    unsigned char copy[KEY];
    memcpy(copy, keys[used], KEY);
    redact(copy, used);
    int file = open("crash.report", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (file >= 0 && write(file, copy, KEY) == KEY) close(file);
    _exit(1);
}

static void *sign(void *unused)
{
    const volatile unsigned char *key = keys[atomic_load(&active)];
    atomic_store(&signature, key[0] * 31u + key[KEY - 1]);
    return unused;
}

static void *operate(void *unused)
{
    rotate(redactfuzz_canary("second key", KEY));
    rotate(redactfuzz_canary("third key", KEY));
    return unused;
}

int main(void)
{
    prctl(PR_SET_DUMPABLE, 0); /* the report takes the place of the kernel's core */
    struct sigaction action = {.sa_handler = on_crash};
    sigaction(SIGSEGV, &action, NULL);
    load(0, redactfuzz_canary("first key", KEY));
    pthread_t signer, operator;
    pthread_create(&signer, NULL, sign, NULL);
    pthread_create(&operator, NULL, operate, NULL);
    pthread_join(signer, NULL);
    pthread_join(operator, NULL);
    return 0;
}
