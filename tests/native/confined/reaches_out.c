/* Calls that change the file system, or another process, past the C library: each would succeed in a process that is not confined.
 * FOLDER: somebody else's; VICTIM: another process. It then dies in that folder. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#ifdef ALONE /* no redactfuzz around it: the control, that these calls do what they say */
#define redactfuzz_canary(name, size) NULL
#else
#include <redactfuzz.h>
#endif

static long call(long number, const void *a, const void *b, const void *c, const void *d)
{
    long result;
    register const void *fourth __asm__("r10") = d;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "0"(number), "D"(a), "S"(b), "d"(c), "r"(fourth)
                     : "rcx", "r11", "memory");
    return result;
}

#define PATH(name) FOLDER "/" name
#define NUMBER(value) ((const void *)(long)(value))

int main(void)
{
    const volatile unsigned char *key = redactfuzz_canary("key", 32);
    (void)key;
    call(SYS_open, PATH("made"), NUMBER(O_CREAT | O_WRONLY), NUMBER(0600), NULL);
    call(SYS_open, PATH("there"), NUMBER(O_TRUNC | O_WRONLY), NULL, NULL);
    call(SYS_truncate, PATH("there"), NULL, NULL, NULL);
    call(SYS_link, PATH("there"), PATH("linked"), NULL, NULL);
    call(SYS_symlink, PATH("there"), PATH("pointed"), NULL, NULL);
    call(SYS_mkdir, PATH("folder"), NUMBER(0700), NULL, NULL);
    call(SYS_mknod, PATH("pipe"), NUMBER(S_IFIFO | 0600), NULL, NULL);
    call(SYS_unlink, PATH("removed"), NULL, NULL, NULL);
    call(SYS_rmdir, PATH("empty"), NULL, NULL, NULL);
    call(SYS_chmod, PATH("there"), NUMBER(0777), NULL, NULL);
    call(SYS_fchmodat, NUMBER(AT_FDCWD), PATH("there"), NUMBER(0777), NULL);
    call(SYS_chown, PATH("there"), NUMBER(1), NUMBER(1), NULL);
    call(SYS_utimensat, NUMBER(AT_FDCWD), PATH("there"), NULL, NULL);
    call(SYS_setxattr, PATH("there"), "user.x", "y", NUMBER(1));
    call(SYS_rename, PATH("there"), PATH("moved"), NULL, NULL);
    call(SYS_chdir, FOLDER, NULL, NULL, NULL);
    if (VICTIM > 0) {
        call(SYS_kill, NUMBER(VICTIM), NUMBER(SIGTERM), NULL, NULL);
    }
    raise(SIGSEGV);
    return 0;
}
