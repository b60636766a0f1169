/* A thread waits for what only this process could give; POSTS: another thread gives it. */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <pthread.h>
#include <redactfuzz.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#define EVENT 0
#define FUTEX 1
#define PIPE 2

static unsigned char key[32];
static int word, event, ends[2];

REDACTFUZZ_REDACTOR static void wipe(void)
{
    for (unsigned i = 0; i < sizeof key; i++) ((volatile unsigned char *)key)[i] = 0;
}

static void *posts(void *unused)
{
#if WHAT == EVENT
    eventfd_write(event, 1);
#elif WHAT == FUTEX
    __atomic_store_n(&word, 1, __ATOMIC_SEQ_CST);
    syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
#else
    if (write(ends[1], "x", 1) != 1) abort();
#endif
    return unused;
}

int main(void)
{
    pthread_t thread;
    uint64_t got;
    (void)got, (void)posts, (void)thread;
    redactfuzz_allow("key");
    const unsigned char *secret = redactfuzz_canary("key", sizeof key);
    for (unsigned i = 0; i < sizeof key; i++) ((volatile unsigned char *)key)[i] = secret[i];
    wipe();
    redactfuzz_forbid("key");
    event = eventfd(0, 0);
    if (pipe(ends) != 0) abort();
#ifdef POSTS
    pthread_create(&thread, NULL, posts, NULL);
#endif
#if WHAT == EVENT
    if (read(event, &got, sizeof got) != sizeof got) abort();
#elif WHAT == FUTEX
    while (__atomic_load_n(&word, __ATOMIC_SEQ_CST) == 0) syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
#else
    if (read(ends[0], &got, 1) != 1) abort();
#endif
#ifdef POSTS
    pthread_join(thread, NULL);
#endif
    return 0;
}
