/* Two threads add each other's number to their own, ROUNDS times; taking turns exactly makes the largest numbers there are,
 * which are Fibonacci's. Expected: a failed assert (who says that it stays below is wrong in one order of turns). With
 * -DSAFE (at most) none, in any schedule.
 */
#include <assert.h>
#include <pthread.h>

#ifndef ROUNDS
#define ROUNDS 3
#endif

static volatile int left = 1, right = 1;

static void *add_right(void *unused)
{
    for (int i = 0; i < ROUNDS; i++) left += right;
    return unused;
}

static void *add_left(void *unused)
{
    for (int i = 0; i < ROUNDS; i++) right += left;
    return unused;
}

int main(void)
{
    pthread_t first, second;
    int before = 1, most = 1;
    for (int i = 0; i < 2 * ROUNDS; i++) {
        int next = before + most;
        before = most;
        most = next;
    }
    pthread_create(&first, NULL, add_right, NULL);
    pthread_create(&second, NULL, add_left, NULL);
    pthread_join(first, NULL);
    pthread_join(second, NULL);
#ifdef SAFE
    assert(left <= most && right <= most);
#else
    assert(left < most && right < most);
#endif
    return 0;
}
