/* Who gets a signal, and who is woken by it. 10 says that the main thread's handler struck while it held the lock, which must
 * come to pass as well as 0. "main": the handler of a signal for the process wants a lock that the main thread holds. */
#define _GNU_SOURCE
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static pthread_t first, struck;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static sem_t gate;
static sigset_t one, none;
static volatile int handled, holds, held; /* what a call of libc may change: it is declared as a leaf */
static int awaited;

static void note(int number)
{
    (void)number;
    handled++;
    struck = pthread_self();
    held |= holds;
}

static void locks(int number)
{
    (void)number;
    pthread_mutex_lock(&mutex);
    pthread_mutex_unlock(&mutex);
}

static void *sends(void *unused)
{
    kill(getpid(), SIGUSR1);
    return unused;
}

static void *awaits(void *unused)
{
    int number = 0;
    assert(sigwait(&one, &number) == 0 && number == SIGUSR1);
    __atomic_add_fetch(&awaited, 1, __ATOMIC_SEQ_CST);
    sem_post(&gate);
    return unused;
}

static void to_the_process(void)
{
    pthread_t thread;
    pthread_create(&thread, NULL, sends, NULL);
    holds = 1;
    holds = 0;
    pthread_join(thread, NULL);
    assert(handled == 1 && pthread_equal(struck, first)); /* nobody blocks it: the main thread's */
    sigprocmask(SIG_BLOCK, &one, NULL);
    handled = 0;
    pthread_create(&thread, NULL, sends, NULL); /* blocks it as well */
    pthread_join(thread, NULL);
    assert(handled == 0);
    sigprocmask(SIG_UNBLOCK, &one, NULL);
    assert(handled == 1);
}

static void two_await(void)
{
    pthread_t threads[2];
    sigprocmask(SIG_BLOCK, &one, NULL);
    for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, awaits, NULL);
    kill(getpid(), SIGUSR1);
    sem_wait(&gate);
    assert(awaited == 1);
    kill(getpid(), SIGUSR1);
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    assert(awaited == 2);
    sigprocmask(SIG_UNBLOCK, &one, NULL);
}

/* What is ignored wakes nobody, and a handler whose signal was not waited for ends the wait. */
static void wakes(void)
{
    struct timespec soon = {0, 1000};
    handled = 0;
    sigprocmask(SIG_BLOCK, &one, NULL);
    signal(SIGUSR2, SIG_IGN);
    kill(getpid(), SIGUSR2);
    kill(getpid(), SIGUSR1);
    assert(sigsuspend(&none) == -1 && errno == EINTR && handled == 1);
    assert(sigtimedwait(&one, NULL, &soon) == -1 && errno == EAGAIN);
    sigprocmask(SIG_UNBLOCK, &one, NULL);
}

/* A copy of a buffer leads to the same place. */
static void copied(void)
{
    static sigjmp_buf place, copy;
    static volatile int times;
    if (sigsetjmp(place, 1) == 0) {
        memcpy(copy, place, sizeof copy);
        times++;
        siglongjmp(copy, 1);
    }
    assert(times == 1);
}

int main(int arguments, char **values)
{
    pthread_t thread;
    first = pthread_self();
    sigemptyset(&none);
    sigemptyset(&one);
    sigaddset(&one, SIGUSR1);
    sem_init(&gate, 0, 0);
    if (arguments > 1 && strcmp(values[1], "main") == 0) {
        signal(SIGUSR1, locks);
        pthread_create(&thread, NULL, sends, NULL);
        pthread_mutex_lock(&mutex);
        pthread_mutex_unlock(&mutex);
        pthread_join(thread, NULL);
        return 0;
    }
    signal(SIGUSR1, note);
    to_the_process();
    two_await();
    wakes();
    copied();
    return held ? 10 : 0;
}
