/* A daemon that wipes its key and then waits for the outside, in the way that is chosen with -DWAY=. */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <redactfuzz.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PAUSE = 1, SIGWAIT, SIGSUSPEND, ACCEPT, POLL, PPOLL, SELECT, EPOLL, DATAGRAM, SEMAPHORE, SELF_PIPE, SLEEP, CANCELLED, LOCKED, PAIR, EVENT, YIELDS, LOOKS };

static unsigned char key[32];
static sem_t wanted;
static volatile sig_atomic_t stop;
static int ends[2];
static pthread_mutex_t one = PTHREAD_MUTEX_INITIALIZER, other = PTHREAD_MUTEX_INITIALIZER;

REDACTFUZZ_REDACTOR static void wipe(void) { explicit_bzero(key, sizeof key); }

static void on_term(int number)
{
    (void)number;
    stop = 1;
    if (WAY == YIELDS || WAY == LOOKS) return;
    if (WAY == SEMAPHORE) sem_post(&wanted);
    else if (write(ends[1], "", 1) < 0) _exit(2);
}

static int server(int type)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    int fd = socket(AF_INET, type, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0) _exit(1);
    if (type == SOCK_STREAM && listen(fd, 5) != 0) _exit(1);
    return fd;
}

static void *waits(void *unused)
{
    for (;;) pause();
    return unused;
}

static void *crossed(void *unused)
{
    pthread_mutex_lock(&other);
    pthread_mutex_lock(&one);
    pthread_mutex_unlock(&one);
    pthread_mutex_unlock(&other);
    return unused;
}

static void *answers(void *unused)
{
    char got[8];
    if (WAY == PAIR) {
        if (read(ends[1], got, 4) != 4 || memcmp(got, "ping", 4) != 0 || send(ends[1], "pong", 4, 0) != 4) _exit(3);
    } else {
        eventfd_t count;
        if (eventfd_read(ends[0], &count) != 0 || count != 1) _exit(3);
    }
    return unused;
}

static void idle(void)
{
    sigset_t set;
    int number;
    char byte;
    fd_set reads;
    struct epoll_event event = {.events = EPOLLIN};
    struct pollfd waited;
    pthread_t thread;
    sigemptyset(&set);
    switch (WAY) {
    case PAUSE:
        for (;;) pause();
    case SIGWAIT:
        sigaddset(&set, SIGTERM);
        pthread_sigmask(SIG_BLOCK, &set, NULL);
        for (;;) sigwait(&set, &number);
    case SIGSUSPEND:
        for (;;) sigsuspend(&set);
    case ACCEPT:
        for (int fd = server(SOCK_STREAM);;) {
            int peer = accept(fd, NULL, NULL);
            if (peer >= 0) close(peer);
        }
    case POLL:
    case PPOLL:
        waited = (struct pollfd){server(SOCK_STREAM), POLLIN, 0};
        for (;;) number = WAY == POLL ? poll(&waited, 1, -1) : ppoll(&waited, 1, NULL, &set);
    case SELECT:
        number = server(SOCK_STREAM);
        for (;;) {
            FD_ZERO(&reads);
            FD_SET(number, &reads);
            select(number + 1, &reads, NULL, NULL, NULL);
        }
    case EPOLL:
        number = epoll_create1(0);
        epoll_ctl(number, EPOLL_CTL_ADD, server(SOCK_STREAM), &event);
        for (;;) epoll_wait(number, &event, 1, -1);
    case DATAGRAM:
        for (int fd = server(SOCK_DGRAM);;) recvfrom(fd, &byte, 1, 0, NULL, NULL);
    case SEMAPHORE:
        sem_init(&wanted, 0, 0);
        signal(SIGTERM, on_term);
        while (sem_wait(&wanted) != 0 && errno == EINTR) ;
        break;
    case SELF_PIPE:
        if (pipe(ends) != 0) _exit(1);
        signal(SIGTERM, on_term);
        while (read(ends[0], &byte, 1) < 0 && errno == EINTR) ;
        break;
    case YIELDS:
        signal(SIGTERM, on_term);
        while (!stop) sched_yield();
        break;
    case LOOKS:
#ifndef FORGOTTEN
        signal(SIGTERM, on_term);
#endif
        while (!stop) ;
        break;
    case SLEEP:
        for (;;) sleep(60);
    case CANCELLED:
        pthread_create(&thread, NULL, waits, NULL);
        pthread_cancel(thread);
        pthread_join(thread, NULL);
        break;
    case LOCKED: /* beside one that waits for the outside, two threads wait for each other */
        pthread_create(&thread, NULL, waits, NULL);
        pthread_create(&thread, NULL, crossed, NULL);
        pthread_mutex_lock(&one);
        pthread_mutex_lock(&other);
        pthread_mutex_unlock(&other);
        pthread_mutex_unlock(&one);
        break;
    case PAIR:
        if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) _exit(1);
        pthread_create(&thread, NULL, answers, NULL);
        if (write(ends[0], "ping", 4) != 4 || recv(ends[0], &byte, 1, 0) != 1 || byte != 'p') _exit(3);
        pthread_join(thread, NULL);
        break;
    case EVENT:
        ends[0] = eventfd(0, 0);
        pthread_create(&thread, NULL, answers, NULL);
        if (eventfd_write(ends[0], 1) != 0) _exit(3);
        pthread_join(thread, NULL);
        break;
    }
}

int main(void)
{
    redactfuzz_allow("key");
    const unsigned char *given = redactfuzz_canary("key", sizeof key);
    for (size_t i = 0; i < sizeof key; i++) ((volatile unsigned char *)key)[i] = given[i];
#ifndef KEPT
    wipe();
#endif
    explicit_bzero(&ends, sizeof ends);
    redactfuzz_forbid("key");
    idle();
    return 0;
}
