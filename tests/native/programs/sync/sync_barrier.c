/* Barriers. Nobody goes on before the others have come, round after round, and one of them is told that it is the one. "few": a
 * deadlock. "destroyed", "awaited", "garbage": "misuse". */
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>

enum { N = 3, ROUNDS = 2 };

static pthread_barrier_t barrier;
static int arrived[ROUNDS], serial[ROUNDS];

static void *rounds(void *unused)
{
    for (int i = 0; i < ROUNDS; i++) {
        __atomic_add_fetch(&arrived[i], 1, __ATOMIC_SEQ_CST);
        int result = pthread_barrier_wait(&barrier);
        assert(__atomic_load_n(&arrived[i], __ATOMIC_SEQ_CST) == N);
        assert(result == 0 || result == PTHREAD_BARRIER_SERIAL_THREAD);
        if (result != 0) __atomic_add_fetch(&serial[i], 1, __ATOMIC_SEQ_CST);
    }
    return unused;
}

static void *waits(void *unused)
{
    pthread_barrier_wait(&barrier);
    return unused;
}

int main(int arguments, char **values)
{
    const char *what = arguments > 1 ? values[1] : "";
    pthread_t threads[N];
    assert(pthread_barrier_init(&barrier, NULL, 0) == EINVAL);
    if (strcmp(what, "garbage") == 0) {
        memset(&barrier, 0x5a, sizeof barrier);
        pthread_barrier_wait(&barrier);
    }
    assert(pthread_barrier_init(&barrier, NULL, N) == 0);
    if (strcmp(what, "few") == 0) {
        pthread_create(&threads[0], NULL, waits, NULL);
        pthread_barrier_wait(&barrier);
    } else if (strcmp(what, "destroyed") == 0) {
        pthread_barrier_destroy(&barrier);
        pthread_barrier_wait(&barrier);
    } else if (strcmp(what, "awaited") == 0) {
        /* In the orders in which the thread has come already. */
        pthread_create(&threads[0], NULL, waits, NULL);
        pthread_barrier_destroy(&barrier);
    } else {
        for (int i = 0; i < N; i++) pthread_create(&threads[i], NULL, rounds, NULL);
        for (int i = 0; i < N; i++) pthread_join(threads[i], NULL);
        for (int i = 0; i < ROUNDS; i++) assert(serial[i] == 1);
        assert(pthread_barrier_destroy(&barrier) == 0);
    }
    return 0;
}
