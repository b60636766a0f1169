/* Built with sync_mixed_frames.cpp. A thread leaves frames of C and of C++ in turn, by pthread_exit and by cancellation: handlers that
 * C pushed and destructors run from the innermost frame to the outermost. */
#include <assert.h>
#include <pthread.h>
#include <semaphore.h>
#include <stddef.h>
#include <stdint.h>

void through_a_frame(void (*next)(void));
void note(int what);

static sem_t empty, ready;
static int order[8], runs, exits;

void note(int what)
{
    order[runs++] = what;
}

static void handler(void *what)
{
    note((int)(intptr_t)what);
}

static void innermost(void)
{
    pthread_cleanup_push(handler, (void *)1);
    sem_post(&ready);
    if (exits) pthread_exit(NULL);
    sem_wait(&empty);
    pthread_cleanup_pop(0);
}

static void *outermost(void *unused)
{
    pthread_cleanup_push(handler, (void *)4);
    pthread_cleanup_push(handler, (void *)3);
    through_a_frame(innermost);
    pthread_cleanup_pop(0);
    pthread_cleanup_pop(0);
    return unused;
}

int main(void)
{
    pthread_t thread;
    sem_init(&empty, 0, 0);
    sem_init(&ready, 0, 0);
    for (exits = 0; exits < 2; exits++) {
        runs = 0;
        pthread_create(&thread, NULL, outermost, NULL);
        sem_wait(&ready);
        if (!exits) pthread_cancel(thread);
        pthread_join(thread, NULL);
        assert(runs == 4);
        for (int i = 0; i < 4; i++) assert(order[i] == i + 1);
    }
    return 0;
}
