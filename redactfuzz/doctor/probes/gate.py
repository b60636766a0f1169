"""What ``redactfuzz gate`` needs: its extra, and a file system that tells who writes and replaces nothing."""

from __future__ import annotations

import re

from redactfuzz.doctor.check import Check, State
from redactfuzz.doctor.machine import Machine
from redactfuzz.doctor.probes.python import extra_gate

_REFLINKS = ("btrfs", "xfs", "bcachefs")
_NO_LINKS = ("vfat", "exfat", "ntfs3")
_REMOTE = ("nfs", "nfs4", "cifs", "smb3", "9p", "ceph")
"""Neither leases on what other hosts write, nor a rename that replaces nothing (``renameat2(2)``)."""


def gate(machine: Machine) -> Check:
    """The extra, and the file system of the working folder: it is asked where the gate's folders are to lie."""
    extra = extra_gate(machine)
    if extra.state is not State.OK:
        return extra
    kind = _kind(machine)
    found = f"{extra.found}; the working folder is on {kind or 'an unknown file system'}"
    if kind in _REMOTE or kind.startswith("fuse"):
        means = "A gate with --from here does not see who writes to a dump (--settle), and on other hosts nobody."
        return Check("gate", State.LIMITED, found, means, "put --from and --state on a disk of this machine")
    if kind in _NO_LINKS:
        means = "Each dump that leaves a gate here is copied and hashed again: there are no links."
        return Check("gate", State.LIMITED, found, means, "put --to and --state on ext4, xfs or btrfs")
    sealed = "by reflink" if kind in _REFLINKS else "by a copy"
    return Check("gate", State.OK, f"{found}: dumps are sealed {sealed}")


def _kind(machine: Machine) -> str:
    """Of the file system of the working folder (``proc_pid_mountinfo(5)``): of several mounts the last one counts."""
    path, best, kind = machine.folder("working"), "", ""
    for line in (machine.text("/proc/self/mountinfo") or "").splitlines():
        words, _, more = line.partition(" - ")
        fields = words.split()
        if len(fields) < 5 or not more:
            continue
        mount = re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), fields[4])
        if (path == mount or path.startswith(f"{mount.rstrip('/')}/")) and len(mount) >= len(best):
            best, kind = mount, more.split()[0]
    return kind
