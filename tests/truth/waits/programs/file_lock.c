/* A line that is masked under a lock of a file, and another thread, or a child of fork, that tells of the line under one. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define OWN_REDACTOR
#include "../../wiped_key.h"

enum {
    FLOCK, ONE_DESCRIPTION, BOTH_SHARE, BUSY, OF_OPEN, OTHER_RANGE, OF_PROCESS, LOCKF, TWO_IN_TURN, CLOSED_AGAIN, CHILD_WAITS, CHILD_IS_BUSY,
    CHILD_INHERITS
};

static const unsigned char *secret;
static int first, second, other, out;

REDACTFUZZ_REDACTOR static void redact(void)
{
    explicit_bzero(key, sizeof key);
}

static int range(int fd, int command, short type, off_t start)
{
    struct flock asked = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = 10};
    return fcntl(fd, command, &asked);
}

static int locked(int fd, int teller)
{
    switch (WAY) {
    case OF_OPEN:
        return range(fd, F_OFD_SETLKW, F_WRLCK, 0);
    case OTHER_RANGE:
        return range(fd, F_OFD_SETLKW, F_WRLCK, teller ? 10 : 0);
    case OF_PROCESS:
    case CHILD_WAITS:
        return range(fd, F_SETLKW, F_WRLCK, 0);
    case CHILD_IS_BUSY:
        return range(fd, F_SETLK, F_WRLCK, 0);
    case LOCKF:
        return lockf(fd, F_LOCK, 0);
    case BOTH_SHARE:
        return flock(fd, LOCK_SH);
    case BUSY:
        return flock(fd, teller ? LOCK_EX | LOCK_NB : LOCK_EX);
    default:
        return flock(fd, LOCK_EX);
    }
}

static void unlocked(int fd)
{
    if (WAY == OF_OPEN || WAY == OTHER_RANGE)
        range(fd, F_OFD_SETLK, F_UNLCK, 0);
    else if (WAY == OF_PROCESS || WAY == LOCKF || WAY == CHILD_WAITS || WAY == CHILD_IS_BUSY)
        range(fd, F_SETLK, F_UNLCK, 0);
    else
        flock(fd, LOCK_UN);
}

static void *tells(void *unused)
{
    if (WAY == TWO_IN_TURN)
        flock(other, LOCK_EX);
    if (locked(second, 1) == 0) {
        if (write(out, key, sizeof key) < 0)
            abort();
        unlocked(second);
    }
    if (WAY == TWO_IN_TURN)
        flock(other, LOCK_UN);
    return unused;
}

static void among_threads(void)
{
    pthread_t teller;
    sigset_t crash; /* who tells is never struck: its handler would mask the key while main may go on to copy it, and leave a core */
    sigemptyset(&crash);
    sigaddset(&crash, SIGSEGV);
    pthread_sigmask(SIG_BLOCK, &crash, NULL);
    pthread_create(&teller, NULL, tells, NULL);
    pthread_sigmask(SIG_UNBLOCK, &crash, NULL);
    locked(first, 0);
    copied(key, secret);
    if (WAY == TWO_IN_TURN)
        flock(open("other", O_RDWR), LOCK_EX);
    if (WAY == CLOSED_AGAIN) /* loses locks of the process, and not those of the description */
        close(open("lock", O_RDWR));
    redact();
    unlocked(first);
    pthread_join(teller, NULL);
}

/* The parent has the lock when the child begins: who gets it finds the line masked. */
static void in_a_child(void)
{
    volatile int *masked = mmap(NULL, sizeof *masked, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int status;
    locked(first, 0);
    pid_t child = fork();
    if (child == 0) {
        int got = WAY == CHILD_INHERITS ? locked(first, 0) : locked(second, 0);
        _exit(WAY == CHILD_WAITS ? got != 0 || !*masked : WAY == CHILD_INHERITS ? got != 0 : got == 0);
    }
    if (WAY != CHILD_WAITS)
        waitpid(child, &status, 0);
    copied(key, secret);
    redact();
    *masked = 1;
    unlocked(first);
    if (WAY == CHILD_WAITS)
        waitpid(child, &status, 0);
    if (status != 0)
        abort();
}

int main(void)
{
    secret = redactfuzz_canary("k", sizeof key);
    begins();
    first = open("lock", O_RDWR | O_CREAT, 0600);
    second = WAY == ONE_DESCRIPTION ? dup(first) : open("lock", O_RDWR);
    other = open("other", O_RDWR | O_CREAT, 0600);
    out = open("out", O_WRONLY | O_CREAT, 0600);
    if (WAY >= CHILD_WAITS)
        in_a_child();
    else
        among_threads();
    return 0;
}
