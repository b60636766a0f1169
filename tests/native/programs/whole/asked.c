/* A thread asks for a descriptor, main closes it; then both take turns at a variable. The key is written where the thread asked
 * first, and each turn came: one order of four places, of which nothing but the call and `close` has to do with files.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <redactfuzz.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { SIZE = 8, TURNS = 2 };

static volatile int turn, is_there;
static char call;

static int asked(void)
{
    int on = 1;
    switch (call) {
    case 'a': return posix_fadvise(1, 0, 0, 0) == 0;
    case 'i': return ioctl(1, FIONBIO, &on) == 0;
    case 'f': return posix_fallocate(1, 0, 1) != EBADF;
    case 'r': return readahead(1, 0, 1) >= 0;
    default: errno = 0; return isatty(1) == 0 && errno != EBADF;
    }
}

static void *ask(void *unused)
{
    is_there = asked();
    for (int i = 0; i < TURNS; i++) if (turn == 2 * i) turn = 2 * i + 1;
    return unused;
}

int main(int count, char **arguments)
{
    pthread_t thread;
    const void *key = redactfuzz_canary("key", SIZE);
    call = count > 1 ? arguments[1][0] : 0;
    pthread_create(&thread, NULL, ask, NULL);
    close(1);
    for (int i = 0; i < TURNS; i++) if (turn == 2 * i + 1) turn = 2 * i + 2;
    pthread_join(thread, NULL);
    if (turn == 2 * TURNS && is_there) write(2, key, SIZE);
    _exit(0);
}
