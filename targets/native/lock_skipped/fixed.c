/* Session keys lie in an arena. The crash report shows the arena without those parts that a table lists. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <redactfuzz.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { SESSIONS = 2, KEY = 16 };

static unsigned char arena[SESSIONS][KEY];

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static size_t listed[SESSIONS];
static size_t count;

static void list(size_t session)
{
    pthread_mutex_lock(&lock);
    listed[count] = session;
    count++;
    pthread_mutex_unlock(&lock);
}

/* The last entry takes the place of the one that goes. */
static void unlist(size_t session)
{
    pthread_mutex_lock(&lock);
    size_t place = 0;
    while (listed[place] != session) place++;
    count--;
    listed[place] = listed[count];
    pthread_mutex_unlock(&lock);
}

REDACTFUZZ_REDACTOR static void redact(unsigned char report[SESSIONS][KEY])
{
    for (size_t i = 0; i < count; i++) memset(report[listed[i]], '*', KEY);
}

static void on_crash(int number)
{
    (void)number;
    /* The crashed thread itself may hold the lock: no report then. */
    if (pthread_mutex_trylock(&lock) != 0) _exit(1);
    unsigned char report[SESSIONS][KEY];
    memcpy(report, arena, sizeof report);
    redact(report);
    int file = open("crash.report", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (file >= 0 && write(file, report, sizeof report) == (ssize_t)sizeof report) close(file);
    _exit(1);
}

static void serve(size_t session, const unsigned char *key)
{
    list(session);
    memcpy(arena[session], key, KEY);
    explicit_bzero(arena[session], KEY);
    unlist(session);
}

static void *eu(void *unused)
{
    serve(0, redactfuzz_canary("eu key", KEY));
    return unused;
}

static void *us(void *unused)
{
    serve(1, redactfuzz_canary("us key", KEY));
    return unused;
}

int main(void)
{
    prctl(PR_SET_DUMPABLE, 0); /* the report takes the place of the kernel's core */
    struct sigaction action = {.sa_handler = on_crash};
    sigaction(SIGSEGV, &action, NULL);
    pthread_t first, second;
    pthread_create(&first, NULL, eu, NULL);
    pthread_create(&second, NULL, us, NULL);
    pthread_join(first, NULL);
    pthread_join(second, NULL);
    return 0;
}
