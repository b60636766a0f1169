/* Models that are made from the table alone: what is refused says so with all of its result, and what is passed on writes into the
 * program's memory, which is put back. Must exit with 0. */
#define _GNU_SOURCE
#include <aio.h>
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/shm.h>
#include <syslog.h>
#include <unistd.h>

static char text[64] __attribute__((aligned(64)));

int main(void)
{
    struct aiocb request = {0};
    assert(sendfile(1, 0, NULL, 1) == -1 && errno == ENOSYS); /* a result of 64 bits */
    errno = 0;
    assert(aio_read(&request) == -1 && errno == ENOSYS);
    errno = 0;
    assert(tmpfile() == NULL && errno == ENOSYS);
    assert(shmat(0, NULL, 0) == (void *)-1);
    assert(setlogmask(1) == 0xff);
    assert(text[0] == 0);
    assert(confstr(_CS_PATH, text, sizeof text) > 1 && text[0] != 0);
    return 0;
}
