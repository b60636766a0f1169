/* A secret goes through a pipe. */
#include <fcntl.h>
#include <pthread.h>
#include <redactfuzz.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int ends[2];
static unsigned char got[32];

REDACTFUZZ_REDACTOR static void wipe(unsigned char *bytes)
{
    memset(bytes, 0, 32);
}

static void *reader(void *unused)
{
    if (read(ends[0], got, sizeof got) != sizeof got) abort();
#ifndef TO_FILE
    wipe(got);
#endif
    if (write(open("log", O_CREAT | O_WRONLY, 0600), got, sizeof got) < 0) abort();
    return unused;
}

int main(void)
{
    unsigned char key[32];
    pthread_t thread;
    if (pipe(ends) != 0) abort();
#ifdef TO_CHILD
    if (fork() == 0) _exit(0);
#endif
    memcpy(key, redactfuzz_canary("key", sizeof key), sizeof key);
    pthread_create(&thread, NULL, reader, NULL);
    if (write(ends[1], key, sizeof key) < 0) abort();
    wipe(key);
    pthread_join(thread, NULL);
    return 0;
}
