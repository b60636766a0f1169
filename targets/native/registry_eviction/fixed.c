/* Three sessions with a key each; the registry of what the crash report must leave out has room for two. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <redactfuzz.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { SESSIONS = 3, CAPACITY = 2, KEY = 16 };

static unsigned char arena[SESSIONS][KEY];

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static size_t registry[CAPACITY]; /* number of the session; 0: free */

/* Returns 0 when there is no room. */
static int list(size_t session)
{
    int done = 0;
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < CAPACITY && !done; i++) {
        if (registry[i] != 0) continue;
        registry[i] = session;
        done = 1;
    }
    pthread_mutex_unlock(&lock);
    return done;
}

static void unlist(size_t session)
{
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < CAPACITY; i++) {
        if (registry[i] == session) registry[i] = 0;
    }
    pthread_mutex_unlock(&lock);
}

REDACTFUZZ_REDACTOR static void redact(unsigned char report[SESSIONS][KEY])
{
    for (size_t i = 0; i < CAPACITY; i++) {
        if (registry[i] != 0) memset(report[registry[i] - 1], '*', KEY);
    }
}

static void on_crash(int number)
{
    (void)number;
    if (pthread_mutex_trylock(&lock) != 0) _exit(1); /* without the registry there is no report */
    unsigned char report[SESSIONS][KEY];
    memcpy(report, arena, sizeof report);
    redact(report);
    int file = open("crash.report", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (file >= 0 && write(file, report, sizeof report) == (ssize_t)sizeof report) close(file);
    _exit(1);
}

static void serve(size_t session, const unsigned char *key)
{
    if (!list(session)) return; /* refused */
    memcpy(arena[session - 1], key, KEY);
    explicit_bzero(arena[session - 1], KEY);
    unlist(session);
}

static void *eu(void *unused)
{
    serve(1, redactfuzz_canary("eu key", KEY));
    return unused;
}

static void *us(void *unused)
{
    serve(2, redactfuzz_canary("us key", KEY));
    return unused;
}

static void *asia(void *unused)
{
    serve(3, redactfuzz_canary("asia key", KEY));
    return unused;
}

int main(void)
{
    prctl(PR_SET_DUMPABLE, 0); /* the report takes the place of the kernel's core */
    struct sigaction action = {.sa_handler = on_crash};
    sigaction(SIGSEGV, &action, NULL);
    void *(*const regions[SESSIONS])(void *) = {eu, us, asia};
    pthread_t threads[SESSIONS];
    for (size_t i = 0; i < SESSIONS; i++) pthread_create(&threads[i], NULL, regions[i], NULL);
    for (size_t i = 0; i < SESSIONS; i++) pthread_join(threads[i], NULL);
    return 0;
}
