/* A pipe holds 65,536 bytes: who writes more waits for somebody who reads (READS), for ever where nobody does; without O_NONBLOCK set it
 * fails. TIMES: how often 1,000 bytes are written without waiting; where that fails the key is kept. FILLS: until it is full, as PAIR:
 * a pair of sockets. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "redactfuzz.h"

enum { LONG = 70000 };

#define REQUIRE(condition) do { if (!(condition)) abort(); } while (0)

static volatile unsigned char key[32], kept[32];
static char much[LONG];
static int ends[2];

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

#if defined(READS)
static void *reads(void *unused) {
    static char some[7000];
    for (size_t all = 0; all < LONG;) {
        ssize_t got = read(ends[0], some, sizeof some);
        REQUIRE(got > 0);
        all += (size_t)got;
    }
    return unused;
}
#endif

#if defined(FILLS)
static size_t fill(size_t each) {
    size_t all = 0;
    ssize_t put;
    while ((put = write(ends[1], much, each)) > 0) {
        all += (size_t)put;
    }
    REQUIRE(put == -1 && errno == EAGAIN);
    return all;
}

static void until_it_is_full(void) {
    struct pollfd out = {.fd = ends[1], .events = POLLOUT};
    REQUIRE(poll(&out, 1, 0) == 1 && out.revents == POLLOUT);
#ifdef PAIR
    REQUIRE(fill(1000) > 100000);
    REQUIRE(poll(&out, 1, 0) == 0);
#else
    REQUIRE(fcntl(ends[1], F_GETPIPE_SZ) == 65536);
    REQUIRE(fill(4096) == 65536 && poll(&out, 1, 0) == 0);
    REQUIRE(read(ends[0], much, 4096) == 4096 && poll(&out, 1, 0) == 1);
    REQUIRE(write(ends[1], much, LONG) == 4096);
    REQUIRE(fcntl(ends[1], F_SETPIPE_SZ, 4096) == -1 && errno == EBUSY);
    REQUIRE(fcntl(ends[0], F_SETPIPE_SZ, 65537) == 131072 && fill(LONG) == 65536);
#endif
}
#endif

int main(void) {
    pthread_t thread;
#ifdef PAIR
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0);
#elif defined(FILLS) || defined(TIMES)
    REQUIRE(pipe2(ends, O_NONBLOCK) == 0);
#else
    REQUIRE(pipe(ends) == 0);
#endif
    redactfuzz_allow("key");
    copy(key, redactfuzz_canary("key", sizeof key));
#if defined(FILLS)
    until_it_is_full();
#elif defined(TIMES)
    for (int i = 0; i < TIMES; i++) {
        if (write(ends[1], much, 1000) != 1000) {
            copy(kept, key);
        }
    }
#else
#ifdef READS
    pthread_create(&thread, NULL, reads, NULL);
#endif
    REQUIRE(write(ends[1], much, LONG) == LONG);
#ifdef READS
    pthread_join(thread, NULL);
#endif
#endif
    (void)thread;
    wipe();
    redactfuzz_forbid("key");
    return 0;
}
