/* The key gets into a file by a call that nobody models; CLEAN: what takes a file changes none. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <redactfuzz.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <termios.h>
#include <unistd.h>

#define LINK 0
#define ATTRIBUTE 1
#define MESSAGE 2
#define MOVED 3    /* right: it has one name, which is removed */
#define ADVISES 4  /* right */

enum { SIZE = 32 };
static volatile unsigned char key[SIZE];

REDACTFUZZ_REDACTOR static void wipe(void)
{
    for (int i = 0; i < SIZE; i++) key[i] = 0;
}

int main(void)
{
    redactfuzz_allow("key");
    const unsigned char *secret = redactfuzz_canary("key", SIZE);
    for (int i = 0; i < SIZE; i++) key[i] = secret[i];
    int file = open("/tmp/taken", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (file < 0) abort();
#if WHAT == LINK || WHAT == MOVED
    if (write(file, (const void *)key, SIZE) != SIZE) abort();
#endif
#if WHAT == LINK
    link("/tmp/taken", "/tmp/kept");
#elif WHAT == MOVED
    rename("/tmp/taken", "/tmp/moved");
    unlink("/tmp/moved");
#elif WHAT == ATTRIBUTE
    fsetxattr(file, "user.key", (const void *)key, SIZE, 0);
#elif WHAT == MESSAGE
    int pair[2];
    struct iovec part = {(void *)key, SIZE};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    sendmsg(pair[0], &message, 0);
#elif WHAT == ADVISES
    struct termios terminal;
    if (posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED) != 0 || tcgetattr(0, &terminal) == 0) abort();
#endif
    close(file);
    unlink("/tmp/taken");
    wipe();
    redactfuzz_forbid("key");
    return 0;
}
