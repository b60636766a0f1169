/* A password is logged whatever happens; a token reaches a log only when the thread that masks it is late. */
#include <fcntl.h>
#include <pthread.h>
#include <redactfuzz.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static unsigned char shown[24];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

REDACTFUZZ_REDACTOR static void mask(unsigned char *from, size_t size)
{
    memset(from, '*', size);
}

static void *serve(void *unused)
{
    pthread_mutex_lock(&lock);
    memcpy(shown, redactfuzz_canary("token", sizeof shown), sizeof shown);
#ifdef RIGHT
    mask(shown, sizeof shown);
#endif
    pthread_mutex_unlock(&lock);
    pthread_mutex_lock(&lock);
    mask(shown, sizeof shown);
    pthread_mutex_unlock(&lock);
    return unused;
}

static void *report(void *unused)
{
    int file = open("session log", O_CREAT | O_WRONLY | O_TRUNC, 0600);
    pthread_mutex_lock(&lock);
    if (write(file, shown, sizeof shown) < 0) abort();
    pthread_mutex_unlock(&lock);
    close(file);
    return unused;
}

int main(void)
{
    pthread_t threads[2];
    unsigned char *block = malloc(64);
    memcpy(block, redactfuzz_canary("password", 24), 24);
#ifdef RIGHT
    mask(block, 64);
#endif
    if (write(open("end log", O_CREAT | O_WRONLY, 0600), block, 24) < 0) abort();
    free(block);
    pthread_create(&threads[0], NULL, serve, NULL);
    pthread_create(&threads[1], NULL, report, NULL);
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    return 0;
}
