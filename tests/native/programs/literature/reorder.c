/* N setters write two variables one after the other, a checker must not see the one without the other.
 * Expected: a failed assert, the rarer the larger N is: the checker has to come after half of the first setter that runs.
 * With -DSAFE (both under a lock) none, in any schedule. With -DSLOWLY others may run after each start of a thread.
 */
#include <assert.h>
#include <pthread.h>
#include <sched.h>
#include <stddef.h>

#ifndef N
#define N 3
#endif

/* Not a constant, as in the published program: it is read anew for each thread. */
#ifdef CONSTANT /* read by nobody: every schedule can be run */
enum { threads_wanted = N };
#else
extern size_t threads_wanted;
size_t threads_wanted = N;
#endif

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static volatile int a, b;

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

static void *set(void *unused)
{
    enter();
    a = 1;
    b = -1;
    leave();
    return unused;
}

static void *check(void *unused)
{
    enter();
    int first = a;
    int second = b;
    leave();
    assert((first == 0 && second == 0) || (first == 1 && second == -1));
    return unused;
}

int main(void)
{
    (void)lock;
    pthread_t setters[N], checker;
    for (size_t i = 0; i < threads_wanted; i++) {
        pthread_create(&setters[i], NULL, set, NULL);
#ifdef SLOWLY
        sched_yield();
#endif
    }
    pthread_create(&checker, NULL, check, NULL);
    for (size_t i = 0; i < threads_wanted; i++) pthread_join(setters[i], NULL);
    pthread_join(checker, NULL);
    return 0;
}
