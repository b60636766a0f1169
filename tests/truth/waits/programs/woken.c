/* One of two threads that wait is woken, in turn those that began to wait first (WOKEN=1) and last: nobody says which. The one of them
 * wipes the key, the other one (-DKEEPS) does not. By a condition variable (WAY=0), one of C11 (1), a futex (2) or a semaphore (3). */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <threads.h>
#include <unistd.h>

#include "redactfuzz.h"

static volatile unsigned char key[32];
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER, told = PTHREAD_COND_INITIALIZER;
static mtx_t other;
static cnd_t of_c11;
static sem_t semaphore;
static uint32_t word, second;
static int waiting, given, woken;

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

static void tell(int *what) {
    pthread_mutex_lock(&mutex);
    ++*what;
    pthread_cond_broadcast(&told);
    pthread_mutex_unlock(&mutex);
}

static void await(const int *what, int least) {
    pthread_mutex_lock(&mutex);
    while (*what < least) {
        pthread_cond_wait(&told, &mutex);
    }
    pthread_mutex_unlock(&mutex);
}

static void stand(void) {
#if WAY == 0
    pthread_mutex_lock(&mutex);
    waiting++;
    pthread_cond_broadcast(&told);
    while (given == 0) {
        pthread_cond_wait(&condition, &mutex);
        if (given == 0) {
            abort(); /* for nothing */
        }
    }
    given--;
    pthread_mutex_unlock(&mutex);
#elif WAY == 1
    mtx_lock(&other);
    tell(&waiting);
    while (given == 0) {
        cnd_wait(&of_c11, &other);
        if (given == 0) {
            abort();
        }
    }
    given--;
    mtx_unlock(&other);
#elif WAY == 2
    tell(&waiting);
    if (syscall(SYS_futex, &word, FUTEX_WAIT, 0, NULL, NULL, 0) != 0) {
        abort();
    }
#else
    tell(&waiting);
    sem_wait(&semaphore);
#endif
}

static void wake(void) {
#if WAY == 0
    pthread_mutex_lock(&mutex);
    given++;
    pthread_cond_signal(&condition);
    pthread_mutex_unlock(&mutex);
#elif WAY == 1
    mtx_lock(&other);
    given++;
    cnd_signal(&of_c11);
    mtx_unlock(&other);
#elif WAY == 2
    if (syscall(SYS_futex, &second, FUTEX_WAKE, 1, NULL, NULL, 0) != 1) {
        abort();
    }
#else
    sem_post(&semaphore);
#endif
}

static void *waits(void *which) {
    stand();
#ifdef KEEPS
    if ((intptr_t)which == KEEPS) {
        tell(&woken);
        return NULL;
    }
#endif
    wipe();
    tell(&woken);
    return which;
}

int main(void) {
    pthread_t threads[2];
    mtx_init(&other, mtx_plain);
    cnd_init(&of_c11);
    sem_init(&semaphore, 0, 0);
    redactfuzz_allow("key");
    copy(key, redactfuzz_canary("key", sizeof key));
    for (intptr_t i = 0; i < 2; i++) { /* the first one waits before the second one begins */
        pthread_create(&threads[i], NULL, waits, (void *)i);
        await(&waiting, (int)i + 1);
#if WAY == 2
        while (syscall(SYS_futex, &word, FUTEX_REQUEUE, 0, 1, &second, 0) == 0) {
            usleep(1); /* who told that it waits may not do so yet */
        }
#endif
    }
    wake();
    await(&woken, 1);
    redactfuzz_forbid("key");
    wake();
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
    }
    return 0;
}
