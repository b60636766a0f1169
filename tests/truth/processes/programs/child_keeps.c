/* A child of fork keeps the key for a while after its parent has wiped it. */
#include <redactfuzz.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile unsigned char key[32];

REDACTFUZZ_REDACTOR void wipe(void)
{
    for (unsigned i = 0; i < sizeof key; i++)
        key[i] = 0;
}

int main(void)
{
    prctl(PR_SET_DUMPABLE, 0);
    const unsigned char *secret = redactfuzz_canary("key", sizeof key);
    for (unsigned i = 0; i < sizeof key; i++) /* memcpy would leave half of it in a vector register */
        key[i] = secret[i];
#ifndef ALONE
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_DUMPABLE, 1);
        sleep(1);
        wipe();
        _exit(0);
    }
#endif
    wipe();
    prctl(PR_SET_DUMPABLE, 1);
#ifndef ALONE
    int status;
    waitpid(child, &status, 0);
#endif
    return 0;
}
