/* N threads do t = x; x = t + 1, TIMES times each. Expected: x ends as what the interleavings of the reads and writes say
 * (the test counts them out), and as nothing else. With -DNEVER=V a failed assert says that x can end as V, with
 * -DKNOWN=BITS one says that it can end as a value whose bit is not set.
 */
#include <assert.h>
#include <pthread.h>
#include <stddef.h>

#ifndef N
#define N 2
#endif
#ifndef TIMES
#define TIMES 1
#endif

static volatile int x;

static void *count(void *unused)
{
    for (int i = 0; i < TIMES; i++) {
        int t = x;
        x = t + 1;
    }
    return unused;
}

int main(void)
{
    pthread_t threads[N];
    for (size_t i = 0; i < N; i++) pthread_create(&threads[i], NULL, count, NULL);
    for (size_t i = 0; i < N; i++) pthread_join(threads[i], NULL);
#ifdef NEVER
    assert(x != NEVER);
#endif
#ifdef KNOWN
    assert(KNOWN >> x & 1);
#endif
    return 0;
}
