/* A child of fork holds a copy of the key for one of many calls. WHAT says which; CLEAN makes none. */
#define _GNU_SOURCE
#include <redactfuzz.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define LATER 1     /* the twelfth of twenty at one place */
#define ELSEWHERE 2 /* the twentieth of twenty-two places */
#define STORE 3     /* no call: the wipe itself, of the fifth of eight records */

enum { SIZE = 32 };
static volatile unsigned char key[SIZE];
static volatile unsigned char copy[SIZE];

REDACTFUZZ_REDACTOR static void wipe(volatile unsigned char *at)
{
    for (int i = 0; i < SIZE; i++) at[i] = 0;
}

static void on_crash(int number)
{
    wipe(key);
    prctl(PR_SET_DUMPABLE, 1);
    signal(number, SIG_DFL);
    raise(number);
}

/* What is beside the key: every store to it is one near a secret. */
static void fill(int with_it, int record)
{
    for (int i = 0; i < SIZE; i++) copy[i] = with_it && !CLEAN ? key[i] : (unsigned char)(record + i);
}

#define CALLS close(-1), close(-1), close(-1), close(-1), close(-1)
#define PLACES (CALLS, CALLS, CALLS, close(-1))

static void work(void)
{
#if WHAT == LATER
    for (int record = 0; record < 20; record++) {
        fill(record == 11, record);
        close(-1);
        wipe(copy);
    }
#elif WHAT == ELSEWHERE
    (void)PLACES;
    close(-1), close(-1), close(-1);
    fill(1, 0);
    close(-1);
    wipe(copy);
    close(-1), close(-1), close(-1);
#else
    for (int record = 0; record < 8; record++) {
        fill(record == 4, record);
        wipe(copy);
    }
#endif
}

int main(void)
{
    const unsigned char *secret;
    prctl(PR_SET_DUMPABLE, 0);
    signal(SIGSEGV, on_crash);
    secret = redactfuzz_canary("key", SIZE);
    if (fork() == 0) {
        for (int i = 0; i < SIZE; i++) key[i] = secret[i];
        work();
        wipe(key);
        _exit(0);
    }
    wait(NULL);
    return 0;
}
