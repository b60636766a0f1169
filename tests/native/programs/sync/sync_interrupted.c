/* Waits that a signal handler ends: EINTR of semaphores, futexes and sleeps, unless SA_RESTART asks for the contrary. Mutexes and
 * condition variables go on. 10 says that nothing was waited for when the signal came, which must come to pass as well as 0.
 * "cancelled": a thread that is cancelled while its handler runs. */
#define _GNU_SOURCE
#include <assert.h>
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static sem_t up, gate;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static int word, told, interrupted, inside;

static void nothing(int number) { (void)number; }

static void *waits(void *unused)
{
    interrupted += sem_wait(&up) == -1 && errno == EINTR;
    return unused;
}

static void *restarts(void *unused)
{
    assert(sem_wait(&up) == 0);
    return unused;
}

static void *looks(void *unused)
{
    if (syscall(SYS_futex, &word, FUTEX_WAIT, 0, NULL, NULL, 0) == -1) {
        interrupted += errno == EINTR;
        assert(errno == EINTR || errno == EAGAIN);
    }
    return unused;
}

static void *sleeps(void *unused)
{
    struct timespec length = {5, 0}, left = {0, 0};
    int result = nanosleep(&length, &left);
    assert(result == 0 ? left.tv_sec == 0 : errno == EINTR && left.tv_sec == 5);
    interrupted += result != 0;
    return unused;
}

static void *goes_on(void *unused)
{
    pthread_mutex_lock(&mutex);
    while (!told) assert(pthread_cond_wait(&condition, &mutex) == 0);
    assert(++inside == 1);
    inside--;
    pthread_mutex_unlock(&mutex);
    return unused;
}

static void tell(pthread_t thread)
{
    pthread_kill(thread, SIGUSR1);
    sem_post(&up);
    __atomic_store_n(&word, 1, __ATOMIC_SEQ_CST);
    syscall(SYS_futex, &word, FUTEX_WAKE, 1, NULL, NULL, 0);
    pthread_mutex_lock(&mutex);
    assert(++inside == 1);
    told = 1;
    pthread_cond_signal(&condition);
    inside--;
    pthread_mutex_unlock(&mutex);
}

static void handle(int flags, void (*handler)(int))
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
    assert(sigaction(SIGUSR1, &action, NULL) == 0);
}

/* -- a thread in a handler, within a wait, is cancelled, or jumps out of both */

static sigjmp_buf place;

static void locks(int number)
{
    (void)number;
    pthread_mutex_lock(&mutex);
    assert(++inside == 1);
    inside--;
    pthread_mutex_unlock(&mutex);
}

static void jumps(int number)
{
    (void)number;
    siglongjmp(place, 1);
}

static void *stays(void *unused)
{
    sem_wait(&gate);
    return unused;
}

static void *jumps_out(void *unused)
{
    if (sigsetjmp(place, 1) == 0) {
        sem_post(&up);
        sem_wait(&gate);
    }
    locks(0);
    return unused;
}

static void cancelled(void *(*start)(void *), void (*handler)(int))
{
    pthread_t thread;
    handle(SA_RESTART, handler);
    pthread_create(&thread, NULL, start, NULL);
    if (start == jumps_out) sem_wait(&up); /* its place is set */
    pthread_mutex_lock(&mutex);
    assert(++inside == 1);
    pthread_kill(thread, SIGUSR1);
    pthread_cancel(thread);
    inside--;
    pthread_mutex_unlock(&mutex);
    pthread_join(thread, NULL);
}

int main(int arguments, char **values)
{
    static void *(*const all[])(void *) = {waits, looks, sleeps};
    pthread_t thread;
    sem_init(&up, 0, 0);
    sem_init(&gate, 0, 0);
    if (arguments > 1 && strcmp(values[1], "cancelled") == 0) {
        cancelled(stays, locks);
        cancelled(jumps_out, jumps);
        return 0;
    }
    handle(0, nothing);
    for (int i = 0; i < 3; i++) {
        pthread_create(&thread, NULL, all[i], NULL);
        tell(thread);
        pthread_join(thread, NULL);
        word = 0;
        sem_init(&up, 0, 0);
    }
    told = 0;
    pthread_create(&thread, NULL, goes_on, NULL);
    tell(thread);
    pthread_join(thread, NULL);
    sem_init(&up, 0, 0);
    handle(SA_RESTART, nothing);
    pthread_create(&thread, NULL, restarts, NULL);
    tell(thread);
    pthread_join(thread, NULL);
    return interrupted ? 0 : 10;
}
