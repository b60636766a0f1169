"""Processors, limits of this process, folders, and what surrounds it."""

from __future__ import annotations

from pathlib import Path

from redactfuzz.doctor.check import Check, State
from redactfuzz.doctor.machine import Machine

_FILES, _PROCESSES = 256, 128
"""Below which executions with many files, pipes or children fail by the limit and not by themselves."""
_MEMORY = 2 << 30
"""Bytes of address space: an explorer, the matcher and a worker that was forked."""
_LITTLE, _NONE = 1 << 30, 32 << 20
"""Bytes free: below the first cores of large processes do not fit, below the second hardly anything does."""


def processors(machine: Machine) -> Check:
    """Those that we may use, also where a container has a share of them."""
    there, usable = machine.processors()
    quota = _quota(machine)
    share = f", of which this container may use {quota:g}" if quota is not None and quota < usable else ""
    found = f"{usable} of {there}{share}"
    if min(usable, usable if quota is None else quota) < 2:
        means = "A nightly job runs one scenario at a time; an execution uses one processor anyway."
        return Check("processors", State.LIMITED, found, means, "give the machine or container two, as --cpus=2")
    return Check("processors", State.OK, found)


def _quota(machine: Machine) -> float | None:
    """Processors that a control group may use (version 2), None without a limit."""
    words = (machine.text("/sys/fs/cgroup/cpu.max") or "max").split()
    if len(words) != 2 or not all(word.isdigit() for word in words) or not int(words[1]):
        return None
    return int(words[0]) / int(words[1])


def open_files(machine: Machine) -> Check:
    """The limit of descriptors."""
    means = "Scenarios with many files or sockets, and folders of many scenarios, end with `Too many open files`."
    return _limit(machine, "open files", "NOFILE", _FILES, means, "ulimit -n 1024")


def processes(machine: Machine) -> Check:
    """The limit of processes and threads of this user."""
    means = "Executions that need a process each, and scenarios of many threads, cannot start them."
    return _limit(machine, "processes", "NPROC", _PROCESSES, means, "ulimit -u 1024")


def memory(machine: Machine) -> Check:
    """The limit of address space."""
    means = "Searches of large dumps and of C programs end with `there is not enough memory` (exit status 3)."
    return _limit(machine, "address space", "AS", _MEMORY, means, "ulimit -v unlimited")


def _limit(machine: Machine, name: str, limit: str, least: int, means: str, mend: str) -> Check:
    soft, hard = machine.limit(limit)
    found = "unlimited" if soft < 0 else f"{soft:,}"
    if 0 <= soft < least:
        may = hard < 0 or hard >= least
        return Check(name, State.LIMITED, found, means, mend if may else f"as root: {mend}")
    return Check(name, State.OK, found)


def working_folder(machine: Machine) -> Check:
    """Where .redactfuzz goes."""
    path, name = machine.folder("working"), "working folder"
    if not path:
        means = "Nothing runs in a folder that was removed."
        return Check(name, State.MISSING, "it is gone", means, "cd to a folder that exists", needed=True)
    own = f"{path}/.redactfuzz"
    if not machine.writable(own):
        means = "Findings are reported and their repro files are not kept (.redactfuzz)."
        return Check(name, State.LIMITED, f"{own} cannot be written", means, f"chmod u+w {_nearest(path, own)}")
    return Check(name, State.OK, "writable")


def _nearest(path: str, own: str) -> str:
    return own if Path(own).is_dir() else path


def temporary_folder(machine: Machine) -> Check:
    """Where executions have their files."""
    name, path = "temporary folder", machine.folder("temporary")
    if not path or not machine.writable(path):
        means = "No execution can have files of its own, and tempfile makes none."
        return Check(name, State.MISSING, f"{path or 'none'} cannot be written", means, _elsewhere(), needed=True)
    space = machine.space(path)
    if space is None:
        return Check(name, State.OK, f"{path}, of unknown size")
    found = f"{path}, {_size(space.bytes)} free"
    if space.bytes < _NONE or 0 <= space.files < 100:
        means = "There is no room for files of executions: what they write fails."
        return Check(name, State.MISSING, found, means, _elsewhere(), needed=True)
    if space.bytes < _LITTLE:
        means = "Cores of large processes (dumps.core, C programs) do not fit."
        return Check(name, State.LIMITED, found, means, _elsewhere())
    if not space.executes:
        means = "Scenarios that build a program there, as with tempfile, cannot run it. Nothing of ours lies there."
        return Check(name, State.LIMITED, f"{found}, mounted noexec", means, _elsewhere())
    return Check(name, State.OK, found)


def _elsewhere() -> str:
    return 'mkdir -p "$HOME/tmp" && export TMPDIR="$HOME/tmp"'


def _size(count: int) -> str:
    return f"{count / (1 << 30):,.1f} GiB" if count >= 1 << 30 else f"{count / (1 << 20):,.0f} MiB"


def container(machine: Machine) -> Check:
    """Whether the kernel's settings are somebody else's."""
    kind = _kind(machine)
    if not kind:
        return Check("container", State.OK, "none is seen")
    means = "Settings of the kernel (core_pattern, ptrace_scope) are the host's, and are changed there."
    return Check("container", State.OK, kind, means)


def _kind(machine: Machine) -> str:
    if machine.variable("KUBERNETES_SERVICE_HOST"):
        return "Kubernetes"
    if machine.text("/.dockerenv") is not None:
        return "Docker"
    if machine.text("/run/.containerenv") is not None:
        return "Podman"
    return machine.variable("container")


def user_namespaces(machine: Machine) -> Check:
    """Whether somebody without rights may have one."""
    most = (machine.text("/proc/sys/user/max_user_namespaces") or "").strip()
    off = (machine.text("/proc/sys/kernel/unprivileged_userns_clone") or "").strip() == "0"
    kept = (machine.text("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") or "").strip() == "1"
    if most not in ("", "0") and not off and not kept:
        return Check("user namespaces", State.OK, "allowed")
    why = "the kernel has none" if not most else "forbidden" if most == "0" or off else "kept from us by AppArmor"
    means = "Nothing of redactfuzz needs them. Rootless containers, with kernel limits of their own, cannot be started."
    setting = {"": "user.max_user_namespaces=10000", "0": "user.max_user_namespaces=10000"}.get(most)
    setting = setting or (
        "kernel.unprivileged_userns_clone=1" if off else "kernel.apparmor_restrict_unprivileged_userns=0"
    )
    return Check("user namespaces", State.LIMITED, why, means, f"sysctl -w {setting}")
