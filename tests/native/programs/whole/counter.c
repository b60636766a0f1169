/* N threads do t = x; x = t + 1. Expected: x ends as each of 1 to N, and as nothing else; the number of interleavings is
 * (2N)! / 2^N: 6, 90, 2520, 113400, and that of pairs "who read whose value" (N+1)^(N-1): 3, 16, 125, 1296. main writes x, as one
 * byte, to a file. With -DNEVER=V a failed assert says that x can end as V.
 */
#include <assert.h>
#include <fcntl.h>
#include <pthread.h>
#include <stddef.h>
#include <unistd.h>

#ifndef N
#define N 3
#endif

static volatile int x;

static void *count(void *unused)
{
    int t = x;
    x = t + 1;
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
    char digit = (char)('0' + x);
    int file = open("outcome", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (file < 0 || write(file, &digit, 1) != 1) return 1;
    close(file);
    return 0;
}
