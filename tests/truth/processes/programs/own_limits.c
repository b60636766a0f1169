/* More than redactfuzz has room for: what goes wrong then is no bug of the program's. */
#include <assert.h>
#include <pthread.h>

#include "../../wiped_key.h"

static volatile int depth;

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
    begins();
    for (int i = 0; i < HANDLERS; i++)
        assert(pthread_atfork(nothing, nothing, nothing) == 0);
    sigaction(SIGUSR1, &action, NULL);
    raise(SIGUSR1);
    copied(key, secret);
    redact();
    return 0;
}
