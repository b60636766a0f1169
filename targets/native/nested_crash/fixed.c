/* The crash handler copies the sessions into a report that was reserved in advance, redacts it and writes it. Two threads may
 * crash.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <redactfuzz.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { SESSIONS = 2, SIZE = 32, KEY = 16 };

struct session {
    char peer[SIZE - KEY];
    unsigned char key[KEY];
};

static struct session sessions[SESSIONS] = {{.peer = "eu"}, {.peer = "us"}};
static struct session report[SESSIONS];
static atomic_int begun;

REDACTFUZZ_REDACTOR static void redact(void)
{
    for (size_t i = 0; i < SESSIONS; i++) memset(report[i].key, '*', KEY);
}

static void save(void)
{
    int file = open("crash.report", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (file >= 0 && write(file, report, sizeof report) == (ssize_t)sizeof report) close(file);
    _exit(1);
}

static void on_crash(int number)
{
    (void)number;
    while (atomic_exchange(&begun, 1)) pause(); /* the first one writes the report, and ends us all */
    memcpy(report, sessions, sizeof report);
    redact();
    save();
}

static void *eu(void *unused)
{
    memcpy(sessions[0].key, redactfuzz_canary("eu key", KEY), KEY);
    explicit_bzero(sessions[0].key, KEY);
    return unused;
}

static void *us(void *unused)
{
    memcpy(sessions[1].key, redactfuzz_canary("us key", KEY), KEY);
    explicit_bzero(sessions[1].key, KEY);
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
