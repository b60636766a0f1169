/* A spin lock of one's own: who does not get it waits twice as long each time. With -DENDLESS it is never let go. */
#include <pthread.h>

enum { LONGEST = 1 << 10 };

static volatile int held;
static volatile unsigned waited;
static int both;

static void take(void)
{
    unsigned length = 1;
    while (__atomic_exchange_n(&held, 1, __ATOMIC_ACQUIRE)) {
        for (unsigned i = 0; i < length; i++) waited++;
        if (length < LONGEST) length *= 2;
    }
}

static void *work(void *unused)
{
    take();
    both++;
#ifndef ENDLESS
    __atomic_store_n(&held, 0, __ATOMIC_RELEASE);
#endif
    return unused;
}

int main(void)
{
    pthread_t one, other;
    pthread_create(&one, NULL, work, NULL);
    pthread_create(&other, NULL, work, NULL);
    pthread_join(one, NULL);
    pthread_join(other, NULL);
    return both == 2 ? 0 : 1;
}
