/* What a process and its child of fork do for each other. WHAT says what; CLEAN does it right. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <redactfuzz.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define TALKS 0        /* no secret: pipes, signals, locks and files go both ways */
#define FILE_OF_CHILD 1
#define FROM_CHILD 2   /* the key comes back through a pipe */
#define TO_CHILD 3     /* it goes to the child by a pair of sockets */
#define OF_GRANDCHILD 4
#define HANDLER 5      /* the child is struck, and has a handler */
#define WAITS 6        /* for each other, for ever */
#define LOCKS_TWICE 7  /* the child, what is its own */
#define RESTS 8        /* the child sleeps for ever, and its parent waits for its end */

enum { SIZE = 32 };
static volatile unsigned char key[SIZE];
static unsigned char other[SIZE];

REDACTFUZZ_REDACTOR static void wipe(volatile unsigned char *at)
{
    for (int i = 0; i < SIZE; i++) at[i] = 0;
}

static void must(int holds)
{
    if (!holds) abort();
}

static void on_crash(int number)
{
    if (CLEAN) wipe(key);
    prctl(PR_SET_DUMPABLE, 1);
    signal(number, SIG_DFL);
    raise(number);
}

static void take(void)
{
    const unsigned char *secret = redactfuzz_canary("key", SIZE);
    for (int i = 0; i < SIZE; i++) key[i] = secret[i];
}

#if WHAT == TALKS
struct shared {
    pthread_mutex_t mutex;
    pthread_cond_t cond;
    pthread_barrier_t barrier;
    sem_t sem;
    int ready;
    volatile int flag, back;
};

static volatile sig_atomic_t children;
static void on_child(int number)
{
    (void)number;
    children++;
}

static struct shared *share(void)
{
    struct shared *s = mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pthread_mutexattr_t mutex;
    pthread_condattr_t cond;
    pthread_barrierattr_t barrier;
    pthread_mutexattr_init(&mutex), pthread_mutexattr_setpshared(&mutex, PTHREAD_PROCESS_SHARED);
    pthread_condattr_init(&cond), pthread_condattr_setpshared(&cond, PTHREAD_PROCESS_SHARED);
    pthread_barrierattr_init(&barrier), pthread_barrierattr_setpshared(&barrier, PTHREAD_PROCESS_SHARED);
    pthread_mutex_init(&s->mutex, &mutex), pthread_cond_init(&s->cond, &cond);
    pthread_barrier_init(&s->barrier, &barrier, 2), sem_init(&s->sem, 1, 0);
    return s;
}

static void child_talks(struct shared *s, int *down, int *up, int *pair, int event)
{
    char byte;
    close(down[1]), close(up[0]), close(pair[0]);
    while (read(down[0], &byte, 1) == 1) { /* until its parent has closed it */
        byte++;
        must(write(up[1], &byte, 1) == 1);
    }
    must(read(pair[1], &byte, 1) == 1 && write(pair[1], &byte, 1) == 1);
    must(eventfd_write(event, 3) == 0);
    sem_wait(&s->sem);
    pthread_mutex_lock(&s->mutex);
    while (!s->ready) pthread_cond_wait(&s->cond, &s->mutex);
    pthread_mutex_unlock(&s->mutex);
    pthread_barrier_wait(&s->barrier);
    while (!s->flag) sched_yield();
    s->back = 1;
    int file = open("/tmp/family-says", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    must(write(file, "done", 4) == 4 && close(file) == 0);
    _exit(7);
}

static void talks(void)
{
    struct shared *s = share();
    int down[2], up[2], pair[2], event = eventfd(0, 0), status;
    char byte, bytes[4];
    eventfd_t counted;
    signal(SIGCHLD, on_child);
    must(pipe(down) == 0 && pipe(up) == 0 && socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    pid_t child = fork();
    if (child == 0) child_talks(s, down, up, pair, event);
    close(down[0]), close(up[1]), close(pair[1]);
    for (char i = 0; i < 3; i++) {
        struct pollfd answer = {up[0], POLLIN, 0};
        must(write(down[1], &i, 1) == 1 && poll(&answer, 1, 1000) == 1 && read(up[0], &byte, 1) == 1 && byte == i + 1);
    }
    close(down[1]);
    must(write(pair[0], "x", 1) == 1 && read(pair[0], &byte, 1) == 1 && byte == 'x');
    must(eventfd_read(event, &counted) == 0 && counted == 3);
    sem_post(&s->sem);
    pthread_mutex_lock(&s->mutex);
    s->ready = 1;
    pthread_cond_signal(&s->cond);
    pthread_mutex_unlock(&s->mutex);
    pthread_barrier_wait(&s->barrier);
    s->flag = 1;
    while (!s->back) usleep(10);
    while (waitpid(child, &status, WNOHANG) == 0) usleep(10);
    must(WIFEXITED(status) && WEXITSTATUS(status) == 7 && children == 1 && read(up[0], &byte, 1) == 0);
    int file = open("/tmp/family-says", O_RDONLY);
    must(read(file, bytes, 4) == 4 && bytes[0] == 'd');
    child = fork();
    if (child == 0)
        for (;;) pause();
    must(kill(child, SIGTERM) == 0 && waitpid(child, &status, 0) == child);
    must(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM && waitpid(child, &status, 0) == -1);
}
#endif

int main(void)
{
    int ends[2], status = 0;
    sem_t *sem = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pthread_mutex_t own = PTHREAD_MUTEX_INITIALIZER;
    (void)ends, (void)status, (void)sem, (void)own, (void)other, (void)on_crash, (void)must;
    redactfuzz_allow("key");
    take();
#if WHAT == TALKS
    wipe(key);
    talks();
#elif WHAT == FILE_OF_CHILD
    if (fork() == 0) {
        int file = open("/tmp/of-a-child", O_WRONLY | O_CREAT | O_TRUNC, 0600);
        if (CLEAN) wipe(key);
        _exit(write(file, (const void *)key, SIZE) != SIZE);
    }
    wait(&status);
    must(status == 0);
#elif WHAT == FROM_CHILD
    must(pipe(ends) == 0);
    if (fork() == 0) _exit(write(ends[1], (const void *)key, SIZE) != SIZE);
    wipe(key);
    if (!CLEAN) redactfuzz_forbid("key");
    must(read(ends[0], other, SIZE) == SIZE);
    if (CLEAN) wipe(other);
    wait(&status);
#elif WHAT == TO_CHILD
    must(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    if (fork() == 0) {
        wipe(key);
        redactfuzz_forbid("key");
        close(ends[0]);
        if (CLEAN) prctl(PR_SET_DUMPABLE, 0);
        must(read(ends[1], other, SIZE) == SIZE);
        wipe(other);
        _exit(0);
    }
    must(write(ends[0], (const void *)key, SIZE) == SIZE);
    wait(&status);
#elif WHAT == OF_GRANDCHILD
    if (fork() == 0) {
        if (fork() == 0) {
            if (CLEAN) wipe(key);
            redactfuzz_forbid("key");
            usleep(1);
            wipe(key);
            _exit(0);
        }
        wait(&status);
        _exit(0);
    }
    wait(&status);
#elif WHAT == HANDLER
    prctl(PR_SET_DUMPABLE, 0);
    signal(SIGSEGV, on_crash);
    if (fork() == 0) {
        redactfuzz_forbid("key");
        usleep(1);
        wipe(key);
        _exit(0);
    }
    wait(&status);
#elif WHAT == WAITS
    sem_init(sem, 1, 0);
    if (fork() == 0) {
        sem_wait(sem);
        _exit(0);
    }
    wipe(key);
    redactfuzz_forbid("key");
    wait(&status);
#elif WHAT == RESTS
    wipe(key);
    redactfuzz_forbid("key");
    if (fork() == 0)
        for (;;) sleep(1);
    must(wait(&status) < 0); /* it never comes back */
#elif WHAT == LOCKS_TWICE
    if (fork() == 0) {
        pthread_mutex_lock(&own);
        pthread_mutex_lock(&own);
        _exit(0);
    }
    wait(&status);
#endif
    wipe(key);
    redactfuzz_forbid("key");
    return 0;
}
