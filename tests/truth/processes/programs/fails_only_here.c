/* A key that is left where a call fails: futimens, which redactfuzz does not carry out, or a file that is not there anywhere. */
#include <fcntl.h>
#include <redactfuzz.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

static unsigned char key[32];
static unsigned char kept[32];
static volatile int left;

REDACTFUZZ_REDACTOR static void redact(void)
{
    explicit_bzero(key, sizeof key);
    if (!left)
        explicit_bzero(kept, sizeof kept);
}

static void on_crash(int number)
{
    redact();
    prctl(PR_SET_DUMPABLE, 1);
    signal(number, SIG_DFL);
    raise(number);
}

static void put(volatile unsigned char *to, const unsigned char *from)
{
    for (unsigned i = 0; i < sizeof key; i++) /* memcpy would leave half of it in a vector register */
        to[i] = from[i];
}

int main(void)
{
    const unsigned char *secret = redactfuzz_canary("k", sizeof key);
    int file;
    prctl(PR_SET_DUMPABLE, 0);
    signal(SIGSEGV, on_crash);
    put(key, secret);
    file = open("lock", O_RDWR | O_CREAT, 0600);
#ifdef ALWAYS
    left = 1;
    put(kept, secret);
#endif
    if (futimens(file, NULL) != 0) {
#ifndef ALWAYS
        left = 1;
        put(kept, secret);
#endif
    }
    return 0;
}
