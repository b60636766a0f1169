/* Who has masked says so in a bit; another thread writes the bit beside it. With APART each has a word of its own. */
#include <pthread.h>
#include <redactfuzz.h>

enum { SIZE = 16 };

#if APART
static struct { unsigned masked, busy; } state;
#else
static struct { unsigned masked : 1, busy : 1; } state;
#endif
static volatile unsigned char key[SIZE];

REDACTFUZZ_REDACTOR static void wipe(void)
{
    for (int i = 0; i < SIZE; i++) key[i] = 0;
}

static void *worker(void *nothing)
{
    state.busy = 1;
    return nothing;
}

int main(void)
{
    pthread_t other;
    redactfuzz_allow("key");
    const unsigned char *secret = redactfuzz_canary("key", SIZE);
    for (int i = 0; i < SIZE; i++) key[i] = secret[i];
    pthread_create(&other, NULL, worker, NULL);
    state.masked = 1;
    pthread_join(other, NULL);
    if (state.masked) wipe();
    redactfuzz_forbid("key");
    return 0;
}
