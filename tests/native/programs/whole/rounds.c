/* One thread prints before and after it wipes a key, main prints what round it is in. Nothing is done with what comes out but to look
 * at it, and at the core.
 */
#include <pthread.h>
#include <redactfuzz.h>
#include <stdio.h>
#include <string.h>

enum { KEY = 16, ROUNDS = 3 };

static char key[KEY];

REDACTFUZZ_REDACTOR static void wipe(void) { explicit_bzero(key, sizeof key); }

static void *worker(void *unused)
{
    const volatile char *from = redactfuzz_canary("key", KEY);
    redactfuzz_allow("key");
    for (int i = 0; i < KEY; i++) key[i] = from[i];
    fprintf(stderr, "has a key\n");
    wipe();
    redactfuzz_forbid("key");
    fprintf(stderr, "has none\n");
    return unused;
}

int main(void)
{
    pthread_t thread;
    pthread_create(&thread, NULL, worker, NULL);
    for (int i = 0; i < ROUNDS; i++) fprintf(stderr, "round %d\n", i);
    pthread_join(thread, NULL);
    return 0;
}
