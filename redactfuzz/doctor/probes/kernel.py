"""What the kernel does for us: it writes cores, lets us look into children, and keeps scenarios to their files."""

from __future__ import annotations

from redactfuzz.doctor.check import Check, State
from redactfuzz.doctor.machine import Machine

_OWN = "Leaks are confirmed, and dumps.core() is made, by a core that redactfuzz writes itself, which holds less."
_PATTERN = "/proc/sys/kernel/core_pattern"
_HANDLERS = {"apport": "apport", "systemd-coredump": "systemd-coredump", "abrt": "abrt", "wslg": "WSL"}


def core_pattern(machine: Machine) -> Check:
    """Where cores of processes that die go. ``dumps.producers.core_pattern`` decides what can be had."""
    text = machine.text(_PATTERN)
    if text is None:
        return Check("core pattern", State.LIMITED, f"{_PATTERN} cannot be read", _OWN, "mount -t proc proc /proc")
    pattern = text.rstrip("\n")
    uses_pid = (machine.text("/proc/sys/kernel/core_uses_pid") or "0").strip() != "0"
    from redactfuzz.dumps.producers.core_pattern import judged  # late: it needs our compiled parts

    refused = judged(pattern, uses_pid).refused
    if not refused:
        return Check("core pattern", State.OK, repr(pattern))
    program = next((name for word, name in _HANDLERS.items() if word in pattern), "")
    found = f"piped to {program or 'a program'}" if pattern.startswith("|") else f"{pattern!r}: {refused}"
    return Check("core pattern", State.LIMITED, found, _OWN, "sysctl -w kernel.core_pattern=core")


def core_limit(machine: Machine) -> Check:
    """How large a core may be. The soft limit is ours to raise; the hard one is not."""
    _, hard = machine.limit("CORE")
    if hard == 0:
        mend = "as root: ulimit -H -c unlimited (of a container: --ulimit core=-1)"
        return Check("core size", State.LIMITED, "hard limit 0: no cores", _OWN, mend)
    if hard > 0:
        means = "A core of a larger process is cut off: what lies behind is not searched."
        return Check("core size", State.LIMITED, f"at most {hard:,} bytes", means, "as root: ulimit -H -c unlimited")
    return Check("core size", State.OK, "unlimited")


def core_filter(machine: Machine) -> Check:
    """Which memory cores hold, by core(5)."""
    text = machine.text("/proc/self/coredump_filter")
    chosen = (text or "").strip()
    if not chosen or int(chosen, 16) == 0x33:
        return Check("core filter", State.OK, "the kernel's default")
    means = "Cores hold other memory than on most machines: what redactfuzz says is of the default."
    return Check("core filter", State.LIMITED, f"0x{chosen}", means, "echo 0x33 > /proc/self/coredump_filter")


def ptrace(machine: Machine) -> Check:
    """Whether a process may look into its children (Yama)."""
    scope = (machine.text("/proc/sys/kernel/yama/ptrace_scope") or "").strip()
    if scope in ("", "0", "1"):
        return Check("ptrace", State.OK, f"scope {scope}" if scope else "not restricted")
    means = "Where the kernel writes no core there is none: a copy cannot be read. `replay --gdb` starts nothing."
    mend = (
        "sysctl -w kernel.yama.ptrace_scope=1" if scope == "2" else "reboot (3 cannot be taken back), and set it to 1"
    )
    return Check("ptrace", State.LIMITED, f"scope {scope}", means, mend)


def files_kept(machine: Machine) -> Check:
    """Landlock."""
    files, signals = machine.holds()
    modules = (machine.text("/sys/kernel/security/lsm") or "").strip()
    if files and signals:
        return Check("Landlock", State.OK, "files and signals")
    if files:
        means = "C code and child processes of a scenario may send signals to other processes of yours."
        return Check("Landlock", State.LIMITED, "files, not signals", means, "use Linux 6.12 or later")
    means = "C code and child processes of a scenario may write any file of yours, and signal your processes."
    off = "off" if modules and "landlock" not in modules else "not there"
    mend = 'boot with lsm=landlock in front of what "cat /sys/kernel/security/lsm" says, with Linux 5.13 or later'
    return Check("Landlock", State.MISSING, f"{off} (or a container forbids it)", means, mend)


def calls_kept(machine: Machine) -> Check:
    """Filters of system calls."""
    actions = machine.text("/proc/sys/kernel/seccomp/actions_avail")
    if actions is not None and "errno" in actions.split():
        return Check("seccomp", State.OK, "filters")
    means = "C programs may change modes, owners and times of files of yours."
    return Check("seccomp", State.MISSING, "no filters", means, "use a kernel with CONFIG_SECCOMP_FILTER=y")
