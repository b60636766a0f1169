/* The program hands numbers out of its key to calls that are not carried out, or refused. */
#include <redactfuzz.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static unsigned char key[32];
static volatile int steps;

static void copied(volatile unsigned char *to, const volatile unsigned char *from)
{
    for (unsigned i = 0; i < sizeof key; i++) /* memcpy would leave half of it in a vector register */
        to[i] = from[i];
}

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
    prctl(PR_SET_DUMPABLE, 0);
    signal(SIGSEGV, on_crash);
    redactfuzz_allow("k");
    copied(key, redactfuzz_canary("k", sizeof key));
#if defined(CALL)
    long words[4];
    copied((unsigned char *)words, key);
    syscall(words[0], 0, 0, 0);
    explicit_bzero(words, sizeof words);
#elif defined(OPTION)
    long words[4];
    copied((unsigned char *)words, key);
    prctl((int)words[1], 0, 0, 0, 0);
    explicit_bzero(words, sizeof words);
#endif
    redactfuzz_forbid("k");
    steps = steps + 1;
    redact();
    return 0;
}
