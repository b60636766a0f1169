/* Quicksort by a pool of workers that take ranges from a common list. Sorting has ended when the list is empty and nobody works.
 * Expected: a failed assert (a worker says that it no longer works before it has put a half on the list, and main looks too
 * early). With -DSAFE (in one critical section) none, in any schedule.
 */
#include <assert.h>
#include <pthread.h>
#include <stddef.h>

enum { SIZE = 6, WORKERS = 2 };

static int numbers[SIZE] = {4, 1, 5, 0, 3, 2};

struct range {
    int from, to; /* [from, to) */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct range list[2 * SIZE];
static int listed, working, done;

static void swap(int i, int j)
{
    int kept = numbers[i];
    numbers[i] = numbers[j];
    numbers[j] = kept;
}

static int partition(struct range range)
{
    int pivot = numbers[range.to - 1];
    int place = range.from;
    for (int i = range.from; i < range.to - 1; i++) {
        if (numbers[i] < pivot) swap(i, place++);
    }
    swap(place, range.to - 1);
    return place;
}

/* The lock is held. */
static void put(struct range range)
{
    if (range.to - range.from > 1) list[listed++] = range;
}

/* The lock is held. */
static void rest(void)
{
    working--;
    if (working == 0 && listed == 0) done = 1;
    pthread_cond_broadcast(&changed);
}

static void *work(void *unused)
{
    pthread_mutex_lock(&lock);
    while (!done) {
        if (listed == 0) {
            pthread_cond_wait(&changed, &lock);
            continue;
        }
        struct range range = list[--listed];
        working++;
        pthread_mutex_unlock(&lock);
        int place = partition(range);
        pthread_mutex_lock(&lock);
        put((struct range){range.from, place});
#ifndef SAFE
        if (place + 1 < range.to) {
            rest();
            pthread_mutex_unlock(&lock);
            pthread_mutex_lock(&lock);
            put((struct range){place + 1, range.to});
            pthread_cond_broadcast(&changed);
            continue;
        }
#endif
        put((struct range){place + 1, range.to});
        rest();
    }
    pthread_mutex_unlock(&lock);
    return unused;
}

int main(void)
{
    pthread_t workers[WORKERS];
    put((struct range){0, SIZE});
    for (size_t i = 0; i < WORKERS; i++) pthread_create(&workers[i], NULL, work, NULL);
    for (size_t i = 0; i < WORKERS; i++) pthread_join(workers[i], NULL);
    for (int i = 1; i < SIZE; i++) assert(numbers[i - 1] <= numbers[i]);
    return 0;
}
