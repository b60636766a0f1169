/* The key is given to the C library, which keeps it for itself: in its own memory, in that of the thread, or where the kernel writes
 * it into a core. RIGHT: by the same calls it keeps something else in the end. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <redactfuzz.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

#define SPECIFIC 0
#define SPECIFIC_OF_MANY 1
#define ARGUMENT 2
#define RESULT 3
#define PUSHED_BACK 4
#define SEEDS 5
#define AT_EXIT 6
#define ERROR 7
#define BLOCKED 8
#define ZONE 9
#define CALENDAR 10

#if WHAT == BLOCKED || WHAT == PUSHED_BACK || WHAT == SEEDS || WHAT == CALENDAR
enum { SIZE = 8 };
#else
enum { SIZE = 16 };
#endif
enum { WORDS = SIZE / 8, MANY = 1000 };

static volatile unsigned char key[SIZE];

REDACTFUZZ_REDACTOR static void wipe(void)
{
    for (int i = 0; i < SIZE; i++) key[i] = 0;
}

static uint64_t word(int number)
{
    uint64_t value = 0;
    for (int i = 0; i < 8; i++) value |= (uint64_t)key[8 * number + i] << 8 * i;
    return value;
}

__attribute__((unused)) static void nothing(int status, void *value)
{
    (void)status;
    (void)value;
}

#if WHAT == ARGUMENT
static void *thread(void *value) { (void)value; return NULL; }
#elif WHAT == RESULT
static void *thread(void *number) { return RIGHT ? NULL : (void *)word((int)(intptr_t)number); }
#elif WHAT == ERROR
static void *thread(void *number)
{
    volatile unsigned part = 0;
    for (int i = 0; i < 4; i++) part |= (unsigned)key[4 * (intptr_t)number + i] << 8 * i;
    errno = (int)part;
    part = 0;
    if (RIGHT) errno = 0;
    return NULL;
}
#endif

static char zone[2 * SIZE + 8] = "TZ=";

static void give(void)
{
#if WHAT == SPECIFIC
    tss_t made[WORDS];
    for (int i = 0; i < WORDS; i++) {
        if (tss_create(&made[i], NULL) != thrd_success) abort();
        tss_set(made[i], (void *)word(i));
        if (RIGHT) tss_set(made[i], NULL);
        else tss_delete(made[i]);
    }
#elif WHAT == SPECIFIC_OF_MANY
    static pthread_key_t made[MANY];
    for (int i = 0; i < MANY; i++) if (pthread_key_create(&made[i], NULL) != 0) abort();
    for (int i = 0; i < WORDS; i++) {
        if (RIGHT) pthread_setspecific(made[MANY - 1 - i], (void *)key);
        else pthread_setspecific(made[MANY - 1 - i], (void *)word(i));
    }
#elif WHAT == ARGUMENT || WHAT == RESULT
    pthread_t made[WORDS];
    for (intptr_t i = 0; i < WORDS; i++) {
        void *argument = WHAT == ARGUMENT && !RIGHT ? (void *)word((int)i) : (void *)i;
        if (pthread_create(&made[i], NULL, thread, argument) != 0) abort();
    }
    for (int i = 0; i < WORDS; i++) pthread_join(made[i], NULL);
#elif WHAT == ERROR
    pthread_t made[SIZE / 4];
    for (intptr_t i = 0; i < SIZE / 4; i++) if (pthread_create(&made[i], NULL, thread, (void *)i) != 0) abort();
    for (int i = 0; i < SIZE / 4; i++) pthread_join(made[i], NULL);
#elif WHAT == PUSHED_BACK
    FILE *file = fopen("/tmp/empty", "w+");
    if (file == NULL) abort();
    for (int i = 0; i < SIZE; i++) if (ungetc(key[i], file) == EOF) abort();
    for (int i = 0; RIGHT && i < SIZE; i++) if (fgetc(file) == EOF) abort();
    for (int i = 0; RIGHT && i < SIZE; i++) if (ungetc(0, file) == EOF) abort();
#elif WHAT == SEEDS
    srandom((unsigned)word(0));
    srand48((long)(word(0) >> 32));
    if (RIGHT) srandom(1);
    if (RIGHT) srand48(1);
#elif WHAT == AT_EXIT
    for (int i = 0; i < WORDS; i++) if (on_exit(nothing, RIGHT ? NULL : (void *)word(i)) != 0) abort();
#elif WHAT == BLOCKED
    sigset_t set;
    uint64_t value = word(0);
    sigemptyset(&set);
    memcpy(&set, &value, sizeof value);
    pthread_sigmask(SIG_SETMASK, &set, NULL);
    sigemptyset(&set);
    if (RIGHT) pthread_sigmask(SIG_SETMASK, &set, NULL);
#elif WHAT == ZONE
    for (int i = 0; i < SIZE; i++) sprintf(zone + 3 + 2 * i, "%02x", key[i]);
    putenv(zone);
    if (RIGHT) (void)getenv("TZ");
    else tzset();
    memset(zone + 3, 0, sizeof zone - 3);
    unsetenv("TZ");
#elif WHAT == CALENDAR
    time_t moment = (time_t)(word(0) >> 8), none = 0;
    gmtime(&moment);
    moment = 0;
    if (RIGHT) gmtime(&none);
#endif
}

/* What a frame has left below is not meant. */
__attribute__((noinline)) static void scrub(void)
{
    volatile unsigned char below[8192];
    for (unsigned i = 0; i < sizeof below; i++) below[i] = 0;
}

int main(void)
{
    redactfuzz_allow("key");
    const unsigned char *secret = redactfuzz_canary("key", SIZE);
    for (int i = 0; i < SIZE; i++) key[i] = secret[i];
    give();
    scrub();
    wipe();
    redactfuzz_forbid("key");
    return 0;
}
