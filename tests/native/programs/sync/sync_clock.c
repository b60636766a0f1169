/* Virtual time: it stands still but for sleeps, waits that expire and those who look at it again and again, is the same in each
 * execution, and two sleeps at once take as long as the longer one. */
#define _GNU_SOURCE
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const time_t EPOCH = 1700000000;

static void *sleeps(void *seconds)
{
    assert(sleep(*(unsigned *)seconds) == 0);
    return NULL;
}

/* Who looks at the clock again and again sees it go on. */
static void waits_in_vain(void)
{
    time_t seconds = time(NULL);
    clock_t begin;
    struct timeval since, day;
    struct timespec now, from;
    while (time(NULL) == seconds) continue;
    begin = clock();
    while (clock() - begin < 10 * CLOCKS_PER_SEC) continue;
    clock_gettime(CLOCK_MONOTONIC, &from);
    do clock_gettime(CLOCK_MONOTONIC, &now);
    while (now.tv_sec - from.tv_sec < 100);
    gettimeofday(&since, NULL);
    do gettimeofday(&day, NULL);
    while (day.tv_sec - since.tv_sec < 100);
}

int main(void)
{
    time_t at;
    struct timespec now, length = {2, 500000000}, until;
    struct timeval day;
    static unsigned seconds[2] = {3, 5};
    pthread_t threads[2];
    assert(time(NULL) == EPOCH && clock() == 0);
    assert(clock_gettime(CLOCK_MONOTONIC, &now) == 0 && now.tv_sec == EPOCH && now.tv_nsec == 0);
    assert(clock_gettime(77, &now) == -1 && errno == EINVAL);
    assert(nanosleep(&length, NULL) == 0);
    assert(gettimeofday(&day, NULL) == 0 && day.tv_sec == EPOCH + 2 && day.tv_usec == 500000);
    assert(usleep(500000) == 0 && time(NULL) == EPOCH + 3);
    length.tv_nsec = -1;
    assert(nanosleep(&length, NULL) == -1 && errno == EINVAL);
    until = (struct timespec){EPOCH + 10, 0};
    assert(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &until, NULL) == 0 && time(NULL) == EPOCH + 10);
    assert(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &until, NULL) == 0 && time(NULL) == EPOCH + 10);
    assert(clock_getres(CLOCK_REALTIME, &now) == 0 && now.tv_nsec == 1);
    for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, sleeps, &seconds[i]);
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    at = time(NULL);
    waits_in_vain();
    return at == EPOCH + 15 ? 0 : 10; /* 10: one had slept before the other began */
}
