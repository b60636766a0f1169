/* fields.c SHAPE N: redactors of N fields that each hold the key, or N stores beside one, for counts of executions. */
#include <pthread.h>
#include <redactfuzz.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { MOST = 64, SIZE = 16, WORDS = SIZE / 8 };

typedef struct field {
    uint64_t word[WORDS];
} field;

static int count;
static field *fields;
field report[MOST]; /* of those that are nobody else's no store would be left out */
uint64_t own[1 << 12];
static atomic_int done;

static void wipe(int from, int to)
{
    for (int i = from; i < to; i++) {
        for (int k = 0; k < WORDS; k++) fields[i].word[k] = 0;
    }
}

/* The flag is set behind the last field, or one field early. */
static void *redact_all(void *early)
{
    wipe(0, count - 1);
    if (early) done = 1;
    wipe(count - 1, count);
    done = 1;
    return NULL;
}

/* A reporter trusts the flag. What it writes is in dumps, the fields are not. */
static void *write_report(void *unused)
{
    if (done) {
        for (int i = 0; i < count; i++) report[i] = fields[i];
    }
    return unused;
}

static void *redact_half(void *second)
{
    int half = count / 2;
    if (second) wipe(half, count);
    else wipe(0, half);
    return NULL;
}

static void *store(void *unused)
{
    for (int i = 0; i < count; i++) own[i] = (uint64_t)i;
    return unused;
}

static void run(void *(*one)(void *), void *first, void *(*other)(void *), void *second)
{
    pthread_t threads[2];
    pthread_create(&threads[0], NULL, one, first);
    pthread_create(&threads[1], NULL, other, second);
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
}

int main(int words, char **arguments)
{
    static field open[MOST];
    char shape = words < 3 ? 0 : arguments[words - 2][0];
    int hidden = shape == 'l' || shape == 'e';
    if (shape == 0) return 0;
    count = atoi(arguments[words - 1]);
    fields = hidden ? mmap(NULL, sizeof open, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) : open;
    if (hidden) madvise(fields, sizeof open, MADV_DONTDUMP);
    else redactfuzz_allow("key");
    for (int i = 0; i < (count < MOST ? count : MOST); i++) memcpy(&fields[i], redactfuzz_canary("key", SIZE), SIZE);
    switch (shape) {
    case 'l': run(redact_all, NULL, write_report, NULL); break;   /* the flag is set late, as it should be, */
    case 'e': run(redact_all, &count, write_report, NULL); break; /* or early */
    case 't': run(redact_half, NULL, redact_half, &count); break; /* two redactors */
    case 'p': { /* one, beside stores of a thread to what is its own */
        pthread_t thread;
        pthread_create(&thread, NULL, store, NULL);
        for (int k = 0; k < WORDS; k++) fields[0].word[k] = 0;
        pthread_join(thread, NULL);
        memset(open, 0, sizeof open);
    }
    }
    if (!hidden) redactfuzz_forbid("key");
    return 0;
}
