/* What constructors ask for before main() holds in each execution, whatever the one before it has made of that; so is what libc
 * keeps for the program as it is at the start. */
#define _GNU_SOURCE
#include <assert.h>
#include <getopt.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

static unsigned char alternate[1 << 16];

static void handle(int number) { (void)number; }

__attribute__((constructor)) static void before_main(void)
{
    struct rlimit none = {0, 0};
    stack_t stack = {.ss_sp = alternate, .ss_size = sizeof alternate};
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR2);
    assert(signal(SIGUSR1, handle) == SIG_DFL);
    assert(sigprocmask(SIG_BLOCK, &blocked, NULL) == 0);
    assert(sigaltstack(&stack, NULL) == 0);
    assert(prctl(PR_SET_DUMPABLE, 0) == 0);
    assert(setrlimit(RLIMIT_CORE, &none) == 0);
}

int main(void)
{
    struct rlimit limit;
    stack_t stack;
    sigset_t blocked;
    assert(getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_cur == 0);
    assert(prctl(PR_GET_DUMPABLE) == 0);
    assert(prctl(PR_SET_DUMPABLE, 1) == 0);
    assert(sigaltstack(NULL, &stack) == 0 && stack.ss_sp == alternate);
    stack.ss_flags = SS_DISABLE;
    assert(sigaltstack(&stack, NULL) == 0);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    assert(sigprocmask(SIG_SETMASK, &blocked, &blocked) == 0);
    assert(sigismember(&blocked, SIGUSR2) && !sigismember(&blocked, SIGTERM));
    assert(signal(SIGUSR1, SIG_IGN) == handle);
    assert(signal(SIGINT, SIG_IGN) == SIG_DFL);

    assert(strcmp(setlocale(LC_ALL, NULL), "C") == 0 && MB_CUR_MAX == 1);
    assert(setlocale(LC_ALL, "C.UTF-8") == NULL || MB_CUR_MAX > 1); /* not every machine has it */
    assert(optind == 1 && optarg == NULL && opterr == 1);
    optind = 9;
    optarg = (char *)alternate;
    opterr = 0;
    return 0;
}
