/* A stack without locks, of places in an array (Vyukov's SafeStack). Who pops takes the place's link away, and then moves the
 * head; one who is late puts back a link that is long out of date, and one place is given to two threads.
 * Expected: a failed assert. Eight preemptions are needed, of three threads: a search of all its states found none with
 * fewer. With -DSAFE (a lock around each operation) none.
 */
#include <assert.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stddef.h>

enum { THREADS = 3, ROUNDS = 2 };

extern int threads, rounds;
int threads = THREADS, rounds = ROUNDS;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static atomic_int head, count = THREADS, next[THREADS] = {1, 2, -1}, users[THREADS];

static void enter(void)
{
#ifdef SAFE
    pthread_mutex_lock(&lock);
#endif
}

static void leave(void)
{
#ifdef SAFE
    pthread_mutex_unlock(&lock);
#endif
}

static int pop(void)
{
    while (atomic_load(&count) > 1) {
        int first = atomic_load(&head);
        int second = atomic_exchange(&next[first], -1);
        if (second >= 0) {
            int expected = first;
            if (atomic_compare_exchange_strong(&head, &expected, second)) {
                atomic_fetch_sub(&count, 1);
                return first;
            }
            atomic_exchange(&next[first], second);
        }
    }
    return -1;
}

static void push(int place)
{
    int first = atomic_load(&head);
    do {
        atomic_store(&next[place], first);
    } while (!atomic_compare_exchange_strong(&head, &first, place));
    atomic_fetch_add(&count, 1);
}

static void *take_turns(void *nothing)
{
    (void)nothing;
    for (int i = 0; i < rounds; i++) {
        int place;
        for (;;) {
            enter();
            place = pop();
            leave();
            if (place >= 0) {
                break;
            }
            sched_yield();
        }
        assert(atomic_exchange(&users[place], 1) == 0);
        atomic_store(&users[place], 0);
        enter();
        push(place);
        leave();
    }
    return NULL;
}

int main(void)
{
    pthread_t started[THREADS];
    (void)lock;
    for (int i = 0; i < threads; i++) {
        pthread_create(&started[i], NULL, take_turns, NULL);
    }
    for (int i = 0; i < threads; i++) {
        pthread_join(started[i], NULL);
    }
    return 0;
}
