/* Other programs, and vfork: they are not started (fork: fork.c). What the program does when that fails is explored, and the verdict names it. */
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/types.h>
#include <unistd.h>

#include "schedule/point.h"
#include "state/outcome.h"

static int refuses(uintptr_t site, const char *call)
{
    rfn_problem(RFN_PROBLEM_CHILD_PROCESS, site, "the program calls %s, which is not carried out: it fails", call);
    errno = EAGAIN;
    return -1;
}

#define FORKS(name)                                                                                                  \
    pid_t model_##name(void) { return refuses(SITE(), #name); }
/* Further arguments do not matter. */
#define STARTS(name, ...)                                                                                            \
    int model_##name(__VA_ARGS__) { return refuses(SITE(), #name); }

FORKS(vfork)
STARTS(execl, void)
STARTS(execle, void)
STARTS(execlp, void)
STARTS(execv, void)
STARTS(execve, void)
STARTS(execvp, void)
STARTS(execvpe, void)
STARTS(fexecve, void)
STARTS(daemon, void)

/* 0: is there a shell? There is none. */
int model_system(const char *command)
{
    return command == NULL ? 0 : refuses(SITE(), "system");
}

FILE *model_popen(const char *command, const char *mode)
{
    (void)command;
    (void)mode;
    refuses(SITE(), "popen");
    return NULL;
}

int model_posix_spawn(void) { refuses(SITE(), "posix_spawn"); return EAGAIN; }
int model_posix_spawnp(void) { refuses(SITE(), "posix_spawnp"); return EAGAIN; }
