/* A program that asks who runs it, how many processors there are, for a terminal, or for the time of the processor. */
#include <redactfuzz.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>
#include <x86intrin.h>

static unsigned char key[32];
static volatile unsigned long answer;

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

int main(void)
{
    const unsigned char *secret = redactfuzz_canary("k", sizeof key);
    prctl(PR_SET_DUMPABLE, 0);
    signal(SIGSEGV, on_crash);
    for (unsigned i = 0; i < sizeof key; i++) /* memcpy would leave half of it in a vector register */
        ((volatile unsigned char *)key)[i] = secret[i];
#ifdef ASKS
    answer = getuid() + (unsigned long)sysconf(_SC_NPROCESSORS_ONLN) + (unsigned long)isatty(1);
#endif
#ifdef COUNTS
    answer = __rdtsc() & 0;
#endif
    return 0;
}
