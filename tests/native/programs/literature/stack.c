/* A bounded stack: one thread pushes, one pops what it believes to be there.
 * Expected: a failed assert (underflow). With -DSAFE (it looks at the stack itself, under the lock) none, in any schedule.
 */
#include <assert.h>
#include <pthread.h>

enum { ROOM = 4, ROUNDS = 4 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int items[ROOM];
static int top;
static volatile int filled;

static void *push(void *unused)
{
    for (int i = 0; i < ROUNDS; i++) {
        pthread_mutex_lock(&lock);
        items[top++] = i;
        filled = 1;
        pthread_mutex_unlock(&lock);
    }
    return unused;
}

static void *pop(void *unused)
{
    int sum = 0;
    for (int i = 0; i < ROUNDS; i++) {
        pthread_mutex_lock(&lock);
#ifdef SAFE
        int there = top > 0;
#else
        int there = filled;
#endif
        if (there) {
            assert(top > 0);
            sum += items[--top];
        }
        pthread_mutex_unlock(&lock);
    }
    return sum < 0 ? NULL : unused;
}

int main(void)
{
    pthread_t pusher, popper;
    pthread_create(&pusher, NULL, push, NULL);
    pthread_create(&popper, NULL, pop, NULL);
    pthread_join(pusher, NULL);
    pthread_join(popper, NULL);
    return 0;
}
