/* A worker that started nobody tells another thread where something lies on its stack. It looks at it twice: between the two
 * the other may change it, and then the key stays in memory. HOW it is told; RIGHT: it looks once, and its frame outlives the
 * other's look. */
#include <pthread.h>
#include <redactfuzz.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

enum { STORED = 1, EXCHANGED, COPIED, PIPED, LINKED, COMPUTED };

typedef volatile int state;

typedef struct message {
    char text[40]; /* a copy goes in pieces of 16 bytes */
    state *where;
    char more[16];
} message;

static state *volatile stored;
static _Atomic(state *) exchanged;
static message copied;
static message *volatile linked;
static volatile unsigned long computed;
static sem_t looked;
static int ends[2];
static unsigned char shown[32];

REDACTFUZZ_REDACTOR static void wipe(void) { explicit_bzero(shown, sizeof shown); }

/* Byte by byte: a copy leaves it in vector registers. */
static void show(const volatile unsigned char *key)
{
    for (size_t i = 0; i < sizeof shown; i++) shown[i] = key[i];
}

static void tell(state *where, message *message)
{
    message->where = where;
    switch (HOW) {
    case STORED: stored = where; break;
    case EXCHANGED: atomic_exchange(&exchanged, where); break;
    case COPIED: memcpy(&copied, message, sizeof copied); break;
    case PIPED: (void)!write(ends[1], &where, sizeof where); break;
    case LINKED: linked = message; break;
    case COMPUTED: computed = ~(unsigned long)where; break;
    }
}

static state *told(void)
{
    state *where = NULL;
    switch (HOW) {
    case STORED: return stored;
    case EXCHANGED: return atomic_load(&exchanged);
    case COPIED: return copied.where;
    case PIPED: return read(ends[0], &where, sizeof where) == sizeof where ? where : NULL;
    case COMPUTED: return computed == 0 ? NULL : (state *)~computed;
    default: return linked == NULL ? NULL : linked->where;
    }
}

static void *worker(void *unused)
{
    state on = 0;
    message message = {"on", NULL, ""};
    int first, second;
    tell(&on, &message);
    first = on;
    second = RIGHT ? first : on;
    redactfuzz_allow("key");
    show(redactfuzz_canary("key", sizeof shown));
    if (first == second) wipe();
    redactfuzz_forbid("key");
    if (RIGHT || HOW == COMPUTED) sem_wait(&looked);
    return unused;
}

static void *other(void *unused)
{
    state *where = told();
    if (where != NULL) *where = 1;
    if (RIGHT || HOW == COMPUTED) sem_post(&looked);
    return unused;
}

int main(void)
{
    pthread_t one, two;
    if (pipe(ends) != 0 || sem_init(&looked, 0, 0) != 0) return 1;
    pthread_create(&one, NULL, worker, NULL);
    pthread_create(&two, NULL, other, NULL);
    pthread_join(one, NULL);
    pthread_join(two, NULL);
    return 0;
}
