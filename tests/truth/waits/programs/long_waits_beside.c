/* A thread waits for 300 s for what another one brings, or sleeps for as long; then a key is written to a file as it is. */
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "redactfuzz.h"

static sem_t brought;
static char key[32];
static int leaks;

REDACTFUZZ_REDACTOR static void mask(char *text) { memset(text, '*', sizeof key); }

static int is_late(void)
{
    struct timespec until;
    if (SLEEPS) {
        sleep(300);
        return leaks;
    }
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 300;
    return sem_timedwait(&brought, &until) != 0;
}

static void *waits(void *file)
{
    char text[sizeof key];
    int late = is_late();
    memcpy(text, key, sizeof text);
    if (!late || MASKED)
        mask(text);
    if (write(*(int *)file, text, sizeof text) < 0)
        _exit(1);
    return NULL;
}

static void *brings(void *unused)
{
    leaks = 1;
    leaks = 0;
    sem_post(&brought);
    return unused;
}

int main(void)
{
    int file = open("dump", O_WRONLY | O_CREAT, 0600);
    pthread_t waiting, bringing;
    memcpy(key, redactfuzz_canary("key", sizeof key), sizeof key);
    sem_init(&brought, 0, 0);
    pthread_create(&waiting, NULL, waits, &file);
    pthread_create(&bringing, NULL, brings, NULL);
    pthread_join(waiting, NULL);
    pthread_join(bringing, NULL);
    return 0;
}
