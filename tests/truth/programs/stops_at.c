/* A handler wipes the key: as long as it is, or up to what ends a text. */
#include <redactfuzz.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>

static unsigned char key[32];

REDACTFUZZ_REDACTOR static void redact(void)
{
#if defined(BY_LENGTH)
    explicit_bzero(key, sizeof key);
#elif defined(BY_BYTE)
    for (unsigned i = 0; i < sizeof key && key[i] != BY_BYTE; i++)
        key[i] = 0x55;
#else
    explicit_bzero(key, strnlen((const char *)key, sizeof key));
#endif
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
    const unsigned char *secret = redactfuzz_canary("the key", sizeof key);
    prctl(PR_SET_DUMPABLE, 0);
    signal(SIGSEGV, on_crash);
    for (unsigned i = 0; i < sizeof key; i++) /* memcpy would leave half of it in a vector register */
        ((volatile unsigned char *)key)[i] = secret[i];
    return 0;
}
