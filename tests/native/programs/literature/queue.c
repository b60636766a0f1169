/* A ring buffer: the producer counts an item before it is there.
 * Expected: a failed assert (an item that was never put in, or out of order). With -DSAFE (one critical section) none, in any schedule.
 */
#include <assert.h>
#include <pthread.h>

enum { ROOM = 8, ITEMS = 5 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int ring[ROOM];
static int head, tail, stored;

static void *produce(void *unused)
{
    for (int i = 1; i <= ITEMS; i++) {
        pthread_mutex_lock(&lock);
        stored++;
#ifndef SAFE
        pthread_mutex_unlock(&lock);
        pthread_mutex_lock(&lock);
#endif
        ring[tail] = i;
        tail = (tail + 1) % ROOM;
        pthread_mutex_unlock(&lock);
    }
    return unused;
}

static void *consume(void *unused)
{
    int expected = 1;
    for (int i = 0; i < ITEMS; i++) {
        pthread_mutex_lock(&lock);
        if (stored > 0) {
            stored--;
            assert(ring[head] == expected);
            head = (head + 1) % ROOM;
            expected++;
        }
        pthread_mutex_unlock(&lock);
    }
    return unused;
}

int main(void)
{
    pthread_t producer, consumer;
    pthread_create(&producer, NULL, produce, NULL);
    pthread_create(&consumer, NULL, consume, NULL);
    pthread_join(producer, NULL);
    pthread_join(consumer, NULL);
    return 0;
}
