/* More than redactfuzz has room for: what goes wrong then is no bug of the program's. */
#include <assert.h>
#include <pthread.h>
#include <redactfuzz.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>

static unsigned char key[32];
static volatile int depth;

REDACTFUZZ_REDACTOR static void redact(void)
{
    explicit_bzero(key, sizeof key);
}

static void on_crash(int number)
{
    redact();
    prctl(PR_SET_DUMPABLE, 1);
    signal(number, SIG_DFL);
    raise(number);
}

static void nothing(void) {}

static void again(int number)
{
    depth = depth + 1;
    if (depth < DEPTH)
        raise(number);
}

int main(void)
{
    const unsigned char *secret = redactfuzz_canary("k", sizeof key);
    struct sigaction action = {.sa_handler = again, .sa_flags = SA_NODEFER};
    prctl(PR_SET_DUMPABLE, 0);
    signal(SIGSEGV, on_crash);
    for (int i = 0; i < HANDLERS; i++)
        assert(pthread_atfork(nothing, nothing, nothing) == 0);
    sigaction(SIGUSR1, &action, NULL);
    raise(SIGUSR1);
    for (unsigned i = 0; i < sizeof key; i++) /* memcpy would leave half of it in a vector register */
        ((volatile unsigned char *)key)[i] = secret[i];
    redact();
    return 0;
}
