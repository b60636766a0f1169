/* Polls twice in a microsecond for a result, half a second at most; the worker sleeps first. With -DENDLESS there is no worker
 * and no deadline. */
#include <pthread.h>
#include <time.h>
#include <unistd.h>

static volatile int result;

static void *work(void *unused)
{
    sleep(1);
#ifndef ENDLESS
    result = 1;
#endif
    return unused;
}

int main(void)
{
    pthread_t other;
    struct timespec pause = {0, 500};
    unsigned long polls = 0;
    pthread_create(&other, NULL, work, NULL);
    while (!result) {
#ifndef ENDLESS
        if (polls++ > 1000000) break;
#endif
        nanosleep(&pause, NULL);
    }
    return pthread_join(other, NULL);
}
