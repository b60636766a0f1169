/* Threads attach notes to the crash report. A note that holds a secret is masked: its kind says so. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <redactfuzz.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { NOTES = 2, SIZE = 16 };
enum { PLAIN, SECRET };

struct note {
    atomic_int published;
    atomic_int kind; /* PLAIN is what zeroed memory says */
    unsigned char value[SIZE];
};

static struct note notes[NOTES];

static void annotate(struct note *note, int kind, const unsigned char *value)
{
    memcpy(note->value, value, SIZE);
    atomic_store(&note->published, 1);
    atomic_store(&note->kind, kind);
}

REDACTFUZZ_REDACTOR static void mask(unsigned char *line, int kind)
{
    if (kind == SECRET) memset(line, '*', SIZE);
}

static void on_crash(int number)
{
    (void)number;
    int file = open("crash.report", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (file < 0) _exit(1);
    for (size_t i = 0; i < NOTES; i++) {
        if (!atomic_load(&notes[i].published)) continue;
        unsigned char line[SIZE];
        memcpy(line, notes[i].value, SIZE);
        mask(line, atomic_load(&notes[i].kind));
        if (write(file, line, SIZE) != SIZE) break;
    }
    close(file);
    _exit(1);
}

static void *session(void *unused)
{
    annotate(&notes[0], SECRET, redactfuzz_canary("session key", SIZE));
    return unused;
}

static void *login(void *unused)
{
    annotate(&notes[1], SECRET, redactfuzz_canary("password", SIZE));
    return unused;
}

int main(void)
{
    prctl(PR_SET_DUMPABLE, 0); /* the report takes the place of the kernel's core */
    struct sigaction action = {.sa_handler = on_crash};
    sigaction(SIGSEGV, &action, NULL);
    pthread_t first, second;
    pthread_create(&first, NULL, session, NULL);
    pthread_create(&second, NULL, login, NULL);
    pthread_join(first, NULL);
    pthread_join(second, NULL);
    return 0;
}
