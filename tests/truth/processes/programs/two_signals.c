/* SIGNALS signals for the process are sent one after the other, which neither main nor an idle worker blocks (BLOCKED: but the worker
 * does). A handler that runs in the worker keeps the key. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <unistd.h>

#include "redactfuzz.h"

static volatile unsigned char key[32], kept[32];
static sem_t semaphore;
static _Thread_local volatile int works;

/* Byte by byte, so that no vector register keeps it. */
static void copy(volatile unsigned char *to, const volatile unsigned char *from) {
    for (int i = 0; i < 32; i++) {
        to[i] = from[i];
    }
}

REDACTFUZZ_REDACTOR static void wipe(void) {
    for (int i = 0; i < 32; i++) {
        key[i] = 0;
    }
}

static void arrived(int number) {
    (void)number;
    if (works) {
        copy(kept, key);
    }
}

static void *idle(void *unused) {
    works = 1;
    while (sem_wait(&semaphore) != 0 && errno == EINTR) {
    }
    return unused;
}

static void *sends(void *unused) {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
    kill(getpid(), SIGUSR1);
#if SIGNALS > 1
    kill(getpid(), SIGUSR2);
#endif
    return unused;
}

int main(void) {
    pthread_t worker, sender;
    sem_init(&semaphore, 0, 0);
    signal(SIGUSR1, arrived);
    signal(SIGUSR2, arrived);
    redactfuzz_allow("key");
    copy(key, redactfuzz_canary("key", sizeof key));
#ifdef BLOCKED
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
    pthread_create(&worker, NULL, idle, NULL);
    pthread_sigmask(SIG_UNBLOCK, &all, NULL);
#else
    pthread_create(&worker, NULL, idle, NULL);
#endif
    pthread_create(&sender, NULL, sends, NULL);
    pthread_join(sender, NULL);
    sem_post(&semaphore);
    pthread_join(worker, NULL);
    wipe();
    redactfuzz_forbid("key");
    return 0;
}
