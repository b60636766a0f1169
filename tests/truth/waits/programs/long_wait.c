/* A watchdog waits for LENGTH seconds and then writes down what it sees. The worker needs no second for its work with the key. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <redactfuzz.h>
#include <sched.h>
#include <semaphore.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define CONDITION 1
#define SEMAPHORE 2
#define POLL 3
#define SLEEP 4

enum { SIZE = 32 };
static volatile unsigned char key[SIZE];
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static sem_t semaphore;
static int ends[2];
static int done;

REDACTFUZZ_REDACTOR static void wipe(void)
{
    for (int i = 0; i < SIZE; i++) key[i] = 0;
}

/* Returns when the work is done, or LENGTH is over. */
static void told(void)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += LENGTH;
#if WHAT == CONDITION
    pthread_mutex_lock(&mutex);
    while (!done && pthread_cond_timedwait(&condition, &mutex, &until) == 0) continue;
    pthread_mutex_unlock(&mutex);
#elif WHAT == SEMAPHORE
    (void)!sem_timedwait(&semaphore, &until);
#elif WHAT == POLL
    struct pollfd end = {ends[0], POLLIN, 0};
    (void)!poll(&end, 1, LENGTH * 1000);
#else
    sleep(LENGTH);
#endif
}

static void *watch(void *unused)
{
    unsigned char seen[SIZE];
    int file;
    told();
    file = open("/tmp/watchdog", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    for (int i = 0; i < SIZE; i++) seen[i] = key[i];
    (void)!write(file, seen, SIZE);
    close(file);
    explicit_bzero(seen, sizeof seen);
    return unused;
}

int main(void)
{
    pthread_t watchdog;
    const unsigned char *secret = redactfuzz_canary("key", SIZE);
    redactfuzz_allow("key");
    sem_init(&semaphore, 0, 0);
    (void)!pipe(ends);
    for (int i = 0; i < SIZE; i++) key[i] = secret[i];
    pthread_create(&watchdog, NULL, watch, NULL);
    redactfuzz_forbid("key");
    sched_yield();
    pthread_mutex_lock(&mutex);
    wipe();
    done = 1;
    pthread_cond_signal(&condition);
    pthread_mutex_unlock(&mutex);
    sem_post(&semaphore);
    (void)!write(ends[1], "x", 1);
    pthread_join(watchdog, NULL);
    return 0;
}
