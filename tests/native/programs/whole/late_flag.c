/* FIELDS fields hold the key and are wiped one after the other; who reports a crash trusts the flag that is set behind the last
 * one, or (-DEARLY=1) one field early. -DHANDLER: a handler writes the report. Else another thread does, to memory that a core
 * shows; the fields themselves are not in it.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <redactfuzz.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#ifndef FIELDS
#define FIELDS 10
#endif
#ifndef EARLY
#define EARLY 0
#endif

enum { SIZE = 16 };

typedef struct field {
    unsigned char byte[SIZE];
} field;

static field *fields;
field report[FIELDS]; /* not static: its stores would be left out */
static atomic_int done;

REDACTFUZZ_REDACTOR static void wipe(int from, int to)
{
    for (int i = from; i < to; i++) fields[i] = (field){{0}};
}

static void *redact(void *unused)
{
    wipe(0, FIELDS - EARLY);
    done = 1;
    wipe(FIELDS - EARLY, FIELDS);
    return unused;
}

/* Byte by byte: memcpy would leave the key in vector registers. */
static void load(volatile unsigned char *to, const volatile unsigned char *from)
{
    for (int i = 0; i < SIZE; i++) to[i] = from[i];
}

#ifdef HANDLER
static field open_fields[FIELDS];

static void on_crash(int number)
{
    (void)number;
    if (!done) _exit(1);
    int file = open("crash.report", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (file < 0) _exit(1);
    for (int i = 0; i < FIELDS; i++) {
        if (write(file, &fields[i], sizeof fields[i]) != sizeof fields[i]) break;
    }
    close(file);
    _exit(1);
}
#else
static void *write_report(void *unused)
{
    if (done) {
        for (int i = 0; i < FIELDS; i++) report[i] = fields[i];
    }
    return unused;
}
#endif

int main(void)
{
    pthread_t redactor;
#ifdef HANDLER
    struct sigaction action = {.sa_handler = on_crash};
    fields = open_fields;
    prctl(PR_SET_DUMPABLE, 0); /* the report takes the place of the kernel's core */
    sigaction(SIGSEGV, &action, NULL);
#else
    pthread_t reporter;
    fields = mmap(NULL, FIELDS * sizeof *fields, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    madvise(fields, FIELDS * sizeof *fields, MADV_DONTDUMP);
#endif
    for (int i = 0; i < FIELDS; i++) load(fields[i].byte, redactfuzz_canary("key", SIZE));
    pthread_create(&redactor, NULL, redact, NULL);
#ifndef HANDLER
    pthread_create(&reporter, NULL, write_report, NULL);
    pthread_join(reporter, NULL);
#endif
    pthread_join(redactor, NULL);
    return 0;
}
