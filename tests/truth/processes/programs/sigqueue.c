/* Signals that carry a value arrive in order, each with its own. KEEPS: a word of the secret is sent by value, and the frame
 * of the handler keeps it; else a number is. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <redactfuzz.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define REQUIRE(condition) do { if (!(condition)) abort(); } while (0)

static volatile unsigned char key[32];
static volatile int seen[4], count;

REDACTFUZZ_REDACTOR static void wipe(void)
{
    for (int i = 0; i < 32; i++) {
        key[i] = 0;
    }
}

static void arrived(int number, siginfo_t *info, void *context)
{
    (void)context;
    REQUIRE(info->si_signo == number && info->si_pid == getpid() && info->si_uid == getuid());
    if (info->si_code == SI_QUEUE && count < 4) {
        seen[count++] = info->si_value.sival_int;
    }
}

static void ask(void)
{
    sigset_t set;
    siginfo_t info;
    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN);
    sigaddset(&set, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    for (int i = 1; i < 4; i++) {
        REQUIRE(sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = i}) == 0);
    }
    REQUIRE(sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = 8}) == 0 && sigqueue(getpid(), 65, (union sigval){0}) == -1);
    REQUIRE(sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = 9}) == 0); /* one is pending: it is lost */
    sigdelset(&set, SIGUSR1);
    REQUIRE(sigwaitinfo(&set, &info) == SIGRTMIN && info.si_code == SI_QUEUE && info.si_value.sival_int == 1);
    sigaddset(&set, SIGUSR1);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    REQUIRE(count == 3 && seen[0] + seen[1] + seen[2] == 2 + 3 + 8);
    REQUIRE(pthread_sigqueue(pthread_self(), SIGRTMIN, (union sigval){.sival_int = 5}) == 0 && count == 4 && seen[3] == 5);
    REQUIRE(raise(SIGRTMIN) == 0 && kill(getpid(), SIGUSR1) == 0 && count == 4);
}

static void send(void)
{
    union sigval value = {.sival_int = 7};
#if KEEPS
    uint64_t word = 0;
    for (int i = 0; i < 8; i++) {
        word |= (uint64_t)key[i] << 8 * i;
    }
    value.sival_ptr = (void *)(uintptr_t)word;
#endif
    sigqueue(getpid(), SIGUSR1, value);
}

int main(void)
{
    struct sigaction action = {.sa_sigaction = arrived, .sa_flags = SA_SIGINFO};
    const volatile unsigned char *secret;
    sigaction(SIGRTMIN, &action, NULL);
    sigaction(SIGUSR1, &action, NULL);
    ask();
    redactfuzz_allow("key");
    secret = redactfuzz_canary("key", 32);
    for (int i = 0; i < 32; i++) {
        key[i] = secret[i];
    }
    send();
    wipe();
    redactfuzz_forbid("key");
    return 0;
}
