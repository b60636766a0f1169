/* A key is used and wiped, with a CALL of the C library in between. LEAKY: no handler wipes it where a crash strikes meanwhile.
 * KEPT: the key is the name of a host, which nobody wipes. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <redactfuzz.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/times.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

static wchar_t key[8];

REDACTFUZZ_REDACTOR static void wipe(void) { wmemset(key, 0, 8); }

static void on_crash(int number)
{
    wipe();
    signal(number, SIG_DFL);
    raise(number);
}

static inline int usage(void)
{
    struct rusage used;
    struct tms spent;
    return getrusage(RUSAGE_SELF, &used) == 0 && used.ru_maxrss > 0 && times(&spent) != (clock_t)-1;
}

static inline int host(void)
{
    const struct hostent *found = gethostbyname("host.example");
    return found != NULL && found->h_addrtype == AF_INET && strcmp(found->h_name, "host.example") == 0
           && *(const uint32_t *)(const void *)found->h_addr_list[0] == htonl(INADDR_LOOPBACK);
}

static inline int address(void)
{
    struct addrinfo wanted = {.ai_socktype = SOCK_STREAM}, *found;
    int is = getaddrinfo("192.0.2.1", "443", &wanted, &found) == 0 && found->ai_next == NULL
             && ((const struct sockaddr_in *)(const void *)found->ai_addr)->sin_addr.s_addr == inet_addr("192.0.2.1")
             && ((const struct sockaddr_in *)(const void *)found->ai_addr)->sin_port == htons(443);
    freeaddrinfo(found);
    return is;
}

static inline int started(void)
{
    static char name[] = "/bin/false";
    char *values[] = {name, NULL};
    pid_t child, none;
    int status, is = posix_spawn(&child, name, NULL, NULL, values, values + 1) == 0 && waitpid(child, &status, 0) == child;
    none = waitpid(child, NULL, 0);
    return is && WIFEXITED(status) && WEXITSTATUS(status) == 0 && none == -1;
}

static inline int timed(void)
{
    struct sigevent nothing = {.sigev_notify = SIGEV_NONE};
    struct itimerspec soon = {.it_value.tv_sec = 1};
    timer_t timer;
    return timer_create(CLOCK_MONOTONIC, &nothing, &timer) == 0 && timer_settime(timer, 0, &soon, NULL) == 0
           && timer_delete(timer) == 0 && timer_delete(timer) == -1;
}

/* The name of a host is a secret, and the C library keeps it. */
static __attribute__((noinline, unused)) int named(void)
{
    static char name[sizeof key + 1];
    redactfuzz_allow("key");
    memcpy(name, key, sizeof key);
    for (size_t i = 0; i < sizeof key; i++) {
        name[i] = (char)(name[i] == 0 ? 1 : name[i]);
    }
    struct hostent *found = gethostbyname(name);
#ifndef KEPT
    memset(found->h_name, 0, sizeof key);
#endif
    memset(name, 0, sizeof name);
    redactfuzz_forbid("key");
    return found != NULL;
}

int main(void)
{
#ifndef LEAKY
    signal(SIGSEGV, on_crash);
#else
    (void)on_crash;
    wipe();
#endif
    wmemcpy(key, (const wchar_t *)(const void *)redactfuzz_canary("key", sizeof key), 8);
    int is = CALL();
    wmemset(key, 0, 8);
    if (!is) {
        abort();
    }
    return 0;
}
