/* The crash strikes one thread, and another goes on while its handler runs: errno is each thread's own. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <redactfuzz.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>

static unsigned char key[32];
static unsigned char copy[32];

REDACTFUZZ_REDACTOR static void redact(void)
{
    explicit_bzero(key, sizeof key);
}

static void on_crash(int number)
{
#ifdef SPOILS
    errno = EIO;
#endif
    redact();
    prctl(PR_SET_DUMPABLE, 1);
    signal(number, SIG_DFL);
    raise(number);
}

static void *work(void *argument)
{
    int descriptor = open("nowhere", O_RDONLY);
#if defined(KEEPS)
    if (descriptor < 0 && errno != ENOENT)
        memcpy(copy, key, sizeof copy);
#elif defined(OTHER)
    if (descriptor < 0 && errno == ENOENT)
        memcpy(copy, key, sizeof copy);
#else
    assert(descriptor < 0 && errno == ENOENT);
    (void)copy;
#endif
    return argument;
}

int main(void)
{
    pthread_t thread;
    prctl(PR_SET_DUMPABLE, 0);
    signal(SIGSEGV, on_crash);
    const unsigned char *secret = redactfuzz_canary("k", sizeof key);
    for (unsigned i = 0; i < sizeof key; i++) /* memcpy would leave half of it in a vector register */
        ((volatile unsigned char *)key)[i] = secret[i];
    pthread_create(&thread, NULL, work, NULL);
    work(NULL);
    pthread_join(thread, NULL);
    return 0;
}
