/* What the kernel is asked about the process. Must exit with 0, each time anew: limits and flags are put back. */
#define _GNU_SOURCE
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    struct rlimit limit = {1, 1};
    assert(prctl(PR_GET_DUMPABLE) == 1 && prctl(PR_SET_DUMPABLE, 0) == 0 && prctl(PR_GET_DUMPABLE) == 0);
    errno = 0;
    assert(prctl(PR_SET_DUMPABLE, 2) == -1 && errno == EINVAL);
    assert(getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_cur == RLIM_INFINITY);
    limit.rlim_cur = limit.rlim_max = 0;
    assert(setrlimit(RLIMIT_CORE, &limit) == 0 && getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_cur == 0);
    limit.rlim_cur = limit.rlim_max = 10;
    errno = 0;
    assert(setrlimit(RLIMIT_CORE, &limit) == -1 && errno == EPERM);
    assert(getpid() > 1 && gettid() == getpid() && syscall(SYS_gettid) == getpid() && wait(NULL) == -1 && errno == ECHILD);
    return 0;
}
