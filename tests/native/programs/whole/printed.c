/* A line of a log is made, redacted and printed by a thread, and printed once more by the handler of a crash. With -DSHARED it is
 * made where the handler finds it, before it is redacted.
 */
#include <pthread.h>
#include <redactfuzz.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

enum { KEY = 16 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char line[48];

REDACTFUZZ_REDACTOR static void scrub(char *text)
{
    for (int i = 0; i < KEY; i++) text[i] = '*';
}

static void *worker(void *unused)
{
    const char *key = redactfuzz_canary("key", KEY);
    char own[sizeof line];
#ifdef SHARED
    char *text = line;
#else
    char *text = own;
#endif
    pthread_mutex_lock(&lock);
    snprintf(text, sizeof line, "%.*s of %d", KEY, key, 1);
    scrub(text);
    if (text == own) snprintf(line, sizeof line, "%s", own);
    fprintf(stderr, "used %s\n", line);
    pthread_mutex_unlock(&lock);
    return unused;
}

static void handler(int number)
{
    fprintf(stderr, "%d: %s\n", number, line);
    _exit(1);
}

int main(void)
{
    pthread_t thread;
    signal(SIGSEGV, handler);
    pthread_create(&thread, NULL, worker, NULL);
    pthread_mutex_lock(&lock);
    fputs("waits\n", stderr);
    pthread_mutex_unlock(&lock);
    pthread_join(thread, NULL);
    return 0;
}
