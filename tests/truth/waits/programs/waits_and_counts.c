/* A thread counts the rounds that it waits. With -DENDLESS what it waits for never comes. */
#include <pthread.h>

static volatile int ready;
static volatile unsigned long rounds;

static void *prepare(void *unused)
{
#ifndef ENDLESS
    ready = 1;
#endif
    return unused;
}

int main(void)
{
    pthread_t other;
    pthread_create(&other, NULL, prepare, NULL);
    while (!ready) rounds++;
    return pthread_join(other, NULL);
}
