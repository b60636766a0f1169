/* What one thread does between two steps of another: HOW says where. It copies the key then, and WIPES takes it away again. */
#include <pthread.h>
#include <redactfuzz.h>
#include <string.h>

enum { SIZE = 16 };

static unsigned char key[SIZE];
static volatile int ready, count;

#if HOW == 1 /* a number is read after `ready` was written, and written at once */
static void *other(void *unused)
{
    if (ready) count = 10;
    return unused;
}

static int met(void)
{
    pthread_t thread;
    pthread_create(&thread, NULL, other, NULL);
    ready = 1;
    count = count + 1;
    pthread_join(thread, NULL);
    return count == 11;
}
#else /* a field of a local variable is written twice */
struct job {
    int first;
    int second;
};

static void *other(void *given)
{
    count = ((struct job *)given)->second;
    return NULL;
}

static int met(void)
{
    struct job job = {0, 0};
    pthread_t thread;
    pthread_create(&thread, NULL, other, &job);
    job.second = 1;
    __asm__ volatile("" ::: "memory"); /* not volatile: clang gives hooks to what is */
    job.second = 0;
    pthread_join(thread, NULL);
    return count == 1;
}
#endif

REDACTFUZZ_REDACTOR static void wipe(void) { explicit_bzero(key, sizeof key); }

int main(void)
{
    redactfuzz_allow("key");
    const unsigned char *given = redactfuzz_canary("key", SIZE);
    for (int i = 0; i < SIZE; i++) ((volatile unsigned char *)key)[i] = given[i]; /* none stays in a vector register */
#if WIPES
    met();
    wipe();
#else
    if (!met()) wipe();
#endif
    redactfuzz_forbid("key");
    return 0;
}
