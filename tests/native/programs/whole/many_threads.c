/* N threads, of which each eight share a number that they count up; with -DLOCKS under a lock, which they also share. Expected:
 * no bug. What a step of it costs must not depend on N.
 */
#include <pthread.h>
#include <stddef.h>

#ifndef N
#define N 32
#endif
enum { SHARING = 8, GROUPS = (N + SHARING - 1) / SHARING, ROUNDS = 4 };

static struct {
    pthread_mutex_t lock;
    volatile long counted;
    char apart[64];
} groups[GROUPS];

static void *count(void *which)
{
    size_t group = (size_t)which / SHARING;
    for (int i = 0; i < ROUNDS; i++) {
#ifdef LOCKS
        pthread_mutex_lock(&groups[group].lock);
#endif
        groups[group].counted++;
        groups[group].counted--;
#ifdef LOCKS
        pthread_mutex_unlock(&groups[group].lock);
#endif
    }
    return NULL;
}

int main(void)
{
    pthread_t threads[N];
    for (size_t i = 0; i < GROUPS; i++) pthread_mutex_init(&groups[i].lock, NULL);
    for (size_t i = 0; i < N; i++) pthread_create(&threads[i], NULL, count, (void *)i);
    for (size_t i = 0; i < N; i++) pthread_join(threads[i], NULL);
    return 0;
}
