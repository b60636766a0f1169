/* A reader waits at a pipe until somebody writes, and sees its end when the last writer has gone. Must exit with 0. */
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static int ends[2];

static void *writer(void *unused)
{
    (void)unused;
    assert(write(ends[1], "ping", 4) == 4);
    close(ends[1]);
    return NULL;
}

int main(void)
{
    char text[8];
    pthread_t thread;
    assert(pipe(ends) == 0 && ends[0] == 3 && ends[1] == 4);
    assert(pthread_create(&thread, NULL, writer, NULL) == 0);
    assert(read(ends[0], text, sizeof text) == 4 && memcmp(text, "ping", 4) == 0);
    assert(read(ends[0], text, sizeof text) == 0);
    assert(pthread_join(thread, NULL) == 0 && close(ends[0]) == 0);
    signal(SIGPIPE, SIG_IGN);
    assert(pipe(ends) == 0 && close(ends[0]) == 0);
    errno = 0;
    assert(write(ends[1], "x", 1) == -1 && errno == EPIPE);
    return 0;
}
