/* Calls that are modelled in part, and a deep stack: nothing is wrong with the program. */
#include <assert.h>
#include <pthread.h>
#include <redactfuzz.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { SCANS = 1, SOCKETS, KERNEL, DEEP, LARGE, OVERFLOWS };

static unsigned char key[32];

REDACTFUZZ_REDACTOR static void wipe(void) { explicit_bzero(key, sizeof key); }

static int deep(int depth)
{
    volatile char room[4096];
    room[0] = (char)depth;
    return depth == 0 ? 0 : deep(depth - 1) + room[0] * 0 + 1;
}

static void *worker(void *unused)
{
    int depth = WAY == DEEP ? 500 : WAY == LARGE ? 4000 : 8000;
    if (deep(depth) != depth) abort();
    return unused;
}

static void work(void)
{
    int number = 0;
    char line[64] = "";
    FILE *file;
    pthread_t thread;
    pthread_attr_t attributes;
    switch (WAY) {
    case SCANS:
        file = fopen("numbers", "w+");
        fprintf(file, "42\n");
        rewind(file);
        assert(fscanf(file, "%d", &number) == 1 && number == 42);
        break;
    case SOCKETS:
        number = socket(AF_UNIX, SOCK_STREAM, 0);
        assert(number >= 0 && listen(number, 3) == 0);
        break;
    case KERNEL:
        file = fopen("/proc/self/cmdline", "r");
        assert(file != NULL && fgets(line, sizeof line, file) != NULL);
        break;
    case DEEP:
        pthread_create(&thread, NULL, worker, NULL);
        pthread_join(thread, NULL);
        break;
    case LARGE:
    case OVERFLOWS:
        pthread_attr_init(&attributes);
        pthread_attr_setstacksize(&attributes, (size_t)24 << 20);
        pthread_create(&thread, &attributes, worker, NULL);
        pthread_join(thread, NULL);
        break;
    }
}

int main(void)
{
    const unsigned char *given = redactfuzz_canary("key", sizeof key);
    redactfuzz_allow("key");
    for (size_t i = 0; i < sizeof key; i++) ((volatile unsigned char *)key)[i] = given[i];
    wipe();
    redactfuzz_forbid("key");
    work();
    return 0;
}
