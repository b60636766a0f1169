/* A thread makes some hundred thousand stores, another waits for the end of it. With -DENDLESS it begins anew each time. */
#include <pthread.h>
#include <sched.h>

#ifndef STORES
#define STORES 300000
#endif

static volatile unsigned table[64];
static int done;

static void *fill(void *unused)
{
    for (unsigned i = 0; i < STORES; i++) {
        table[i % 64] = i;
#ifdef ENDLESS
        if (i + 1 == STORES) i = 0;
#endif
    }
    __atomic_store_n(&done, 1, __ATOMIC_RELEASE);
    return unused;
}

int main(void)
{
    pthread_t other;
    pthread_create(&other, NULL, fill, NULL);
    while (!__atomic_load_n(&done, __ATOMIC_ACQUIRE)) sched_yield();
    return pthread_join(other, NULL);
}
