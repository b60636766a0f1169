/* A real-time signal that is sent twice while it is blocked comes twice; one that is no real-time signal comes once
 * (-DKEEPS: where it came twice a key is kept). And a handler learns who sent it. */
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "redactfuzz.h"

static volatile uint64_t key, kept;
static volatile sig_atomic_t came, known;

static void count(int number) {
    (void)number;
    came++;
}

static void who(int number, siginfo_t *info, void *context) {
    (void)context;
    known = info->si_pid == getpid() && info->si_uid == getuid() && info->si_code == (number == SIGUSR1 ? SI_USER : SI_TKILL);
}

REDACTFUZZ_REDACTOR static void wipe(void) { key = 0; }

static void sent_twice(int number) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, number);
    signal(number, count);
    sigprocmask(SIG_BLOCK, &set, NULL);
    kill(getpid(), number);
    kill(getpid(), number);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}

int main(void) {
    struct sigaction action = {.sa_sigaction = who, .sa_flags = SA_SIGINFO};
    redactfuzz_allow("key");
    key = *(const volatile uint64_t *)redactfuzz_canary("key", sizeof key);
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGUSR2, &action, NULL);
    kill(getpid(), SIGUSR1);
    if (!known) {
        abort();
    }
    known = 0;
    raise(SIGUSR2);
    if (!known) {
        abort();
    }
    sent_twice(SIGRTMIN);
    if (came != 2) {
        abort();
    }
    came = 0;
    sent_twice(SIGUSR1);
    if (came != 1) {
        abort();
    }
#ifdef KEEPS
    kept = key;
#endif
    wipe();
    redactfuzz_forbid("key");
    return 0;
}
