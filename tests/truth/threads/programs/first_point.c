/* A call that looks at shared memory, or changes it, straight after an access of the same thread: another thread may come in
 * between. HOW says which call; RIGHT: the other thread waits until it is over. What must not be is written into a report. */
#include <fcntl.h>
#include <pthread.h>
#include <redactfuzz.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

enum { COPIES = 1, APPENDS, TORN, RETURNED, BY_VALUE };

typedef struct words {
    long first, rest[4];
} words;

static char text[8], copy[8];
static unsigned char block[64];
static volatile words whole;
static atomic_int began, over, seen;
static unsigned char key[32], shown[32];

REDACTFUZZ_REDACTOR static void redact(void) { explicit_bzero(key, sizeof key); }

__attribute__((noipa)) static words made(long value) { return (words){value, {value, value, value, value}}; }
__attribute__((noipa)) static long sum(words given) { return given.first + given.rest[3]; }

static void *caller(void *unused)
{
    long before = HOW == BY_VALUE ? whole.first : 0;
    atomic_store(&began, 1);
    switch (HOW) {
    case COPIES: strcpy(copy, text); break;
    case APPENDS: strcat(copy, text); break;
    case TORN: memset(block, 1, sizeof block); break;
    case RETURNED: whole = made(1); whole = made(0); break;
    case BY_VALUE: seen = sum(whole) != 2 * before; break;
    }
    atomic_store(&over, 1);
    return unused;
}

static void *other(void *unused)
{
    if (!atomic_load(RIGHT ? &over : &began)) return unused;
    switch (HOW) {
    case COPIES:
    case APPENDS: strcpy(text, "longer"); break;
    case TORN: seen = block[0] != block[63]; break;
    case RETURNED: seen = whole.first == 1; break;
    case BY_VALUE: whole.first = 5; break;
    }
    return unused;
}

static int is_wrong(void)
{
    return HOW == COPIES || HOW == APPENDS ? copy[0] == 'l' : atomic_load(&seen);
}

int main(void)
{
    pthread_t one, two;
    int file;
    memcpy(key, redactfuzz_canary("key", sizeof key), sizeof key);
    pthread_create(&one, NULL, caller, NULL);
    pthread_create(&two, NULL, other, NULL);
    pthread_join(one, NULL);
    pthread_join(two, NULL);
    if (is_wrong()) memcpy(shown, key, sizeof shown);
    redact();
    file = open("report", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    (void)!write(file, key, sizeof key);
    (void)!write(file, shown, sizeof shown);
    return close(file);
}
