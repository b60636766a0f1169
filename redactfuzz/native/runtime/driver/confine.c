#define _GNU_SOURCE
#include "driver/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "confine/landlock.h"
#include "state/plan.h"

static int home = -1;

void rfn_go_home(void)
{
    if (home >= 0 && fchdir(home) != 0) {
        return; /* then the kernel writes the core elsewhere, or, confined, nowhere: it is missed, and said */
    }
}

static unsigned confine_files(int folder, int cores)
{
    long version = rf_landlock_version();
    uint64_t changes = rf_landlock_changes(version);
    int rules, null, held;
    if (version < 1) {
        return 0;
    }
    rules = rf_landlock_rules(changes, version >= RF_SINCE_SCOPES ? RF_SCOPE_ABSTRACT_SOCKETS | RF_SCOPE_SIGNALS : 0);
    if (rules < 0) {
        return 0;
    }
    held = folder == 0 || rf_landlock_allow(rules, folder, changes);
    held = held && (cores == 0 || rf_landlock_allow(rules, cores, changes));
    null = open("/dev/null", O_PATH | O_CLOEXEC);
    held = held && (null < 0 || rf_landlock_allow(rules, null, RF_WRITE_FILE | (changes & RF_TRUNCATE)));
    held = held && rf_landlock_enter(rules);
    close(rules);
    if (null >= 0) {
        close(null);
    }
    return held ? RFN_HOLDS_FILES | (version >= RF_SINCE_SCOPES ? RFN_HOLDS_SIGNALS : 0) : 0;
}

/* What Landlock does not know of: modes, owners, times and attributes of files, what is mounted, input to a terminal. */
#if defined(__x86_64__)
#define PROCESSOR AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define PROCESSOR AUDIT_ARCH_AARCH64
#endif

#ifdef PROCESSOR

static const uint32_t refused[] = {
#ifdef SYS_chmod
    SYS_chmod, SYS_chown, SYS_lchown, SYS_utime, SYS_utimes, SYS_futimesat,
#endif
    SYS_fchmod, SYS_fchmodat, SYS_fchown, SYS_fchownat, SYS_utimensat, SYS_setxattr, SYS_lsetxattr, SYS_fsetxattr,
    SYS_removexattr, SYS_lremovexattr, SYS_fremovexattr, 452 /* fchmodat2 */, 463 /* setxattrat */, 466 /* removexattrat */,
    SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_swapon, SYS_swapoff, SYS_reboot, SYS_sethostname, SYS_setdomainname,
    SYS_init_module, SYS_finit_module, SYS_delete_module, SYS_kexec_load, SYS_settimeofday, SYS_clock_settime, SYS_acct,
};

enum {
    COUNT = sizeof refused / sizeof *refused,
    INPUT_TO_A_TERMINAL = 0x5412, /* TIOCSTI */
    LINUX_CONSOLE = 0x541c,       /* TIOCLINUX */
    OTHER_ABI = 0x40000000,       /* x32, whose numbers are others */
};

static unsigned confine_calls(void)
{
    enum { BEFORE = 4, OF_IOCTL = 4, LENGTH = BEFORE + COUNT + OF_IOCTL + 2 };
    struct sock_filter code[LENGTH] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PROCESSOR, 0, LENGTH - 3), /* another one's numbers: refused */
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, OTHER_ABI, LENGTH - 5, 0),
    };
    const struct sock_fprog program = {LENGTH, code};
    unsigned at = BEFORE;
    for (unsigned i = 0; i < COUNT; i++, at++) {
        code[at] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, refused[i], (uint8_t)(LENGTH - 2 - at), 0);
    }
    code[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ioctl, 0, 3);
    code[at++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[1]));
    code[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, INPUT_TO_A_TERMINAL, 2, 0);
    code[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, LINUX_CONSOLE, 1, 0);
    code[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    code[at] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0 ? RFN_HOLDS_CALLS : 0;
}

#else

static unsigned confine_calls(void) { return 0; }

#endif

unsigned rfn_confine(int folder, int cores)
{
    home = folder > 0 ? folder : open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        return 0;
    }
    return confine_files(folder, cores) | confine_calls();
}
