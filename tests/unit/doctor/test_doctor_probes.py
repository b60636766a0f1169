"""Each probe says of a machine that lacks one thing what follows from it, and nothing of one that lacks nothing."""

from __future__ import annotations

import threading
import time

import attrs
import pytest
from imagined import Imagined, lacking, without

from redactfuzz.doctor.check import Check, State
from redactfuzz.doctor.machine import Python, Space
from redactfuzz.doctor.table import PROBES, examined

PATTERN = "/proc/sys/kernel/core_pattern"
SCOPE = "/proc/sys/kernel/yama/ptrace_scope"
NAMESPACES = "/proc/sys/user/max_user_namespaces"


def mount(at: str, kind: str) -> str:
    return f"22 27 0:21 / {at} rw,relatime shared:1 - {kind} device rw\n"


def mounted(at: str, kind: str) -> Imagined:
    return lacking(texts={"/proc/self/mountinfo": mount("/", "ext4") + mount(at, kind)})


LACKS: list[tuple[str, Imagined, State, str, str]] = [
    # name of the check; the machine; its state; a part of what was found and follows; a part of how it is mended
    ("interpreter", lacking(python=Python("cpython", (3, 10, 9), "")), State.MISSING, "3.11 to 3.15", "venv"),
    ("interpreter", lacking(python=Python("cpython", (3, 14, 6), "t")), State.MISSING, "free-threaded", "venv"),
    ("interpreter", lacking(python=Python("pypy", (3, 11, 9), "")), State.MISSING, "CPython", "venv"),
    ("compiled parts", lacking(broken={"redactfuzz.threads._hooks": "ImportError: no"}), State.MISSING,
     "_hooks (ImportError: no)", "--force-reinstall"),
    ("working folder", lacking(folders={"working": ""}), State.MISSING, "it is gone", "cd "),
    ("working folder", lacking(unwritable=("/w/.redactfuzz",)), State.LIMITED, "not kept", "chmod"),
    ("temporary folder", lacking(unwritable=("/t",)), State.MISSING, "/t cannot be written", "TMPDIR"),
    ("temporary folder", lacking(folders={"temporary": ""}), State.MISSING, "none cannot be written", "TMPDIR"),
    ("temporary folder", lacking(spaces={"/t": Space(1 << 20, 9999, True)}), State.MISSING, "1 MiB free", "TMPDIR"),
    ("temporary folder", lacking(spaces={"/t": Space(9 << 30, 3, True)}), State.MISSING, "no room", "TMPDIR"),
    ("temporary folder", lacking(spaces={"/t": Space(1 << 29, 9999, True)}), State.LIMITED, "do not fit", "TMPDIR"),
    ("temporary folder", lacking(spaces={"/t": Space(9 << 30, 9999, False)}), State.LIMITED, "noexec", "TMPDIR"),
    ("processors", lacking(counted=(8, 1)), State.LIMITED, "1 of 8", "--cpus=2"),
    ("processors", lacking(texts={"/sys/fs/cgroup/cpu.max": "50000 100000\n"}), State.LIMITED, "may use 0.5", "--cpus"),
    ("open files", lacking(limits={"NOFILE": (64, -1)}), State.LIMITED, "Too many open files", "ulimit -n"),
    ("open files", lacking(limits={"NOFILE": (64, 64)}), State.LIMITED, "64", "as root: ulimit -n"),
    ("processes", lacking(limits={"NPROC": (50, 5000)}), State.LIMITED, "a process each", "ulimit -u"),
    ("address space", lacking(limits={"AS": (1 << 30, -1)}), State.LIMITED, "not enough memory", "ulimit -v"),
    ("Landlock", lacking(kept=(True, False)), State.LIMITED, "signals to other processes", "6.12"),
    ("Landlock", lacking(kept=(False, False)), State.MISSING, "write any file", "lsm=landlock"),
    ("Landlock", lacking(kept=(False, False), texts={"/sys/kernel/security/lsm": "yama"}), State.MISSING, "off",
     "lsm="),
    ("seccomp", lacking(texts={"/proc/sys/kernel/seccomp/actions_avail": "kill"}), State.MISSING, "modes", "CONFIG_"),
    ("core pattern", lacking(texts={PATTERN: "|/usr/share/apport/apport -p%p\n"}), State.LIMITED, "piped to apport",
     "sysctl -w kernel.core_pattern=core"),
    ("core pattern", lacking(texts={PATTERN: "|/usr/lib/systemd/systemd-coredump %P\n"}), State.LIMITED,
     "piped to systemd-coredump", "sysctl"),
    ("core pattern", lacking(texts={PATTERN: "|/opt/own %P\n"}), State.LIMITED, "piped to a program", "sysctl"),
    ("core pattern", lacking(texts={PATTERN: "cores/core\n"}), State.LIMITED, "below the working", "sysctl"),
    ("core pattern", Imagined(texts={}), State.LIMITED, "cannot be read", "mount"),
    ("core size", lacking(limits={"CORE": (0, 0)}), State.LIMITED, "no cores", "--ulimit core=-1"),
    ("core size", lacking(limits={"CORE": (0, 4096)}), State.LIMITED, "at most 4,096 bytes", "ulimit -H -c"),
    ("core filter", lacking(texts={"/proc/self/coredump_filter": "0000007f\n"}), State.LIMITED, "0x0000007f", "0x33"),
    ("ptrace", lacking(texts={SCOPE: "2\n"}), State.LIMITED, "scope 2", "ptrace_scope=1"),
    ("ptrace", lacking(texts={SCOPE: "3\n"}), State.LIMITED, "scope 3", "reboot"),
    ("C compiler", without("cc"), State.MISSING, "No C program", "apt-get install gcc libc6-dev binutils"),
    ("C compiler", lacking(variables={"CC": "icc -w"}), State.MISSING, "CC names icc: not there", "unset CC"),
    ("C compiler", lacking(variables={"CC": "'"}), State.MISSING, "cannot be read", "unset CC"),
    ("C compiler", lacking(refuses=("--version",)), State.MISSING, "does not run", "install gcc"),
    ("C compiler", lacking(refuses=("pthread.h",)), State.MISSING, "without <pthread.h>", "libc6-dev"),
    ("C compiler", lacking(refuses=("-fsanitize=thread",)), State.MISSING, "-fsanitize=thread", "install gcc"),
    ("C++ compiler", without("c++"), State.MISSING, "No C++ program", "g++"),
    ("C++ compiler", lacking(refuses=("thread",)), State.MISSING, "without <thread>", "g++"),
    ("binutils", without("objcopy", "nm"), State.MISSING, "no objcopy, nm", "install binutils"),
    ("binutils", without("c++filt"), State.LIMITED, "as the linker has them", "install binutils"),
    ("cache folder", lacking(unwritable=("/c",)), State.LIMITED, "/c cannot be written", "XDG_CACHE_HOME"),
    ("cache folder", lacking(spaces={"/c": Space(9 << 30, 9999, False)}), State.MISSING, "noexec", "XDG_CACHE_HOME"),
    ("gdb", without("gdb"), State.MISSING, "--gdb", "apt-get install gdb"),
    ("git", without("git"), State.MISSING, "redactfuzz changed", "apt-get install git"),
    ("pytest", lacking(packages={"pytest": "7.4.4"}), State.LIMITED, "do not run as tests", "pytest>=8.0"),
    ("pytest", Imagined(packages={}), State.MISSING, "no pytest", "pip install 'pytest>=8.0'"),
    ("hypothesis", Imagined(packages={}), State.MISSING, "@given", "hypothesis"),
    ("extra scan", Imagined(packages={"lz4": "4.3.3"}), State.LIMITED, "INCOMPLETE", "'cryptography>=43' 'zstandard"),
    ("extra scan", Imagined(packages={}), State.MISSING, "no lz4", "lz4>=4.3"),
    ("gate", Imagined(packages={}), State.MISSING, "signs receipts", "cryptography>=43"),
    ("gate", mounted("/w", "nfs4"), State.LIMITED, "on nfs4 A gate with --from here does not see", "--state"),
    ("gate", mounted("/w", "fuse.sshfs"), State.LIMITED, "does not see", "--from"),
    ("gate", mounted("/", "vfat"), State.LIMITED, "no links", "ext4"),
    ("extra cluster", lacking(packages={"distributed": "2025.11.0"}), State.LIMITED, "Dask", "distributed>=2026.8"),
    ("user namespaces", lacking(texts={NAMESPACES: "0\n"}), State.LIMITED, "forbidden", "max_user_namespaces="),
    ("user namespaces", lacking(texts={"/proc/sys/kernel/unprivileged_userns_clone": "0"}), State.LIMITED, "forbidden",
     "userns_clone=1"),
    ("user namespaces", lacking(texts={"/proc/sys/kernel/apparmor_restrict_unprivileged_userns": "1"}), State.LIMITED,
     "AppArmor", "apparmor_restrict"),
]  # fmt: skip
NEEDED = {"interpreter", "compiled parts", "working folder", "temporary folder"}


@pytest.mark.parametrize(("name", "machine", "state", "says", "mends"), LACKS, ids=lambda each: str(each)[:24])
def test_what_a_machine_lacks_is_said_with_what_follows_and_how_it_is_mended(
    name: str, machine: Imagined, state: State, says: str, mends: str
) -> None:
    check = PROBES[name](machine)
    assert (check.name, check.state) == (name, state)
    assert says in f"{check.found} {check.means}"
    assert mends in check.mend
    assert check.stops == (state is State.MISSING and name in NEEDED)


@pytest.mark.parametrize("name", PROBES)
def test_of_a_machine_that_lacks_nothing_nothing_is_said(name: str) -> None:
    check = PROBES[name](Imagined())
    assert (check.name, check.state, check.mend) == (name, State.OK, "")


@pytest.mark.parametrize(
    ("mounts", "says"),
    [
        ((("/", "xfs"),), "on xfs: dumps are sealed by reflink"),
        ((("/", "nfs"), ("/w", "btrfs"), ("/wide", "vfat"), ("/w/deeper", "vfat")), "on btrfs: dumps are sealed by"),
        ((("/", "nfs"), ("/w", "vfat"), ("/w", "ext4")), "on ext4: dumps are sealed by a copy"),
        ((), "on an unknown file system: dumps are sealed by a copy"),
    ],
)
def test_a_gate_is_told_what_the_file_system_of_its_folders_can(mounts: tuple[tuple[str, str], ...], says: str) -> None:
    texts = {"/proc/self/mountinfo": "".join(mount(*one) for one in mounts) + "a line that is cut"}
    check = PROBES["gate"](lacking(texts=texts))
    assert (check.state, says in check.found) == (State.OK, True)


def test_a_folder_whose_name_has_a_space_is_found_among_the_mounts() -> None:
    texts = {"/proc/self/mountinfo": mount("/", "ext4") + mount("/my\\040dumps", "cifs")}
    assert PROBES["gate"](lacking(folders={"working": "/my dumps/in"}, texts=texts)).state is State.LIMITED


def test_every_probe_that_can_come_to_less_than_ok_is_shown_to_do_so() -> None:
    assert set(PROBES) - {name for name, *_ in LACKS} == {"other interpreters", "container"}


@pytest.mark.parametrize(
    ("machine", "kind"),
    [
        (lacking(variables={"KUBERNETES_SERVICE_HOST": "10.0.0.1"}), "Kubernetes"),
        (lacking(texts={"/.dockerenv": ""}), "Docker"),
        (lacking(texts={"/run/.containerenv": ""}), "Podman"),
        (lacking(variables={"container": "lxc"}), "lxc"),
        (Imagined(), "none is seen"),
    ],
)
def test_a_container_is_known_by_what_it_leaves(machine: Imagined, kind: str) -> None:
    check = PROBES["container"](machine)
    assert check.found == kind
    assert ("host's" in check.means) == (machine != Imagined())


def test_other_interpreters_are_named_and_free_threaded_ones_are_not_offered() -> None:
    machine = Imagined(commands=("python3.11", "python3.13", "python3.13t", "python3.14t"))
    assert PROBES["other interpreters"](attrs.evolve(machine, refuses=("--version",))).found == "none"
    check = PROBES["other interpreters"](machine)
    assert check.found == "python3.11"  # 3.13 runs us
    assert check.means.endswith("since they are free-threaded: python3.14t, python3.13t")


@pytest.mark.parametrize(
    ("manager", "command"),
    [("dnf", "dnf install gcc-c++ glibc-devel binutils"), ("apk", "apk add g++ musl-dev binutils"),
     ("pacman", "pacman -S gcc glibc binutils"), ("nothing", "apt-get install g++ libc6-dev binutils")],
)  # fmt: skip
def test_packages_have_the_names_that_the_systems_own_command_knows(manager: str, command: str) -> None:
    assert PROBES["C++ compiler"](Imagined(commands=(manager,))).mend == command


def test_a_quota_of_more_than_there_is_takes_nothing_away() -> None:
    machine = lacking(texts={"/sys/fs/cgroup/cpu.max": "900000 100000\n"})
    assert PROBES["processors"](machine) == Check("processors", State.OK, "8 of 8")
    assert PROBES["processors"](lacking(texts={"/sys/fs/cgroup/cpu.max": "max 100000\n"})).state is State.OK


def test_a_probe_that_fails_or_never_ends_keeps_no_other_back() -> None:
    released = threading.Event()

    def hangs(machine: object) -> Check:
        released.wait(60)
        return Check("hangs", State.OK, "late")

    def fails(machine: object) -> Check:
        raise OSError(5, "Input/output error")

    probes = {"hangs": hangs, "fails": fails, "git": PROBES["git"]}
    before = time.monotonic()
    hung, failed, last = examined(Imagined(), probes, seconds=0.2)
    released.set()
    assert time.monotonic() - before < 30
    assert (hung.state, hung.found) == (State.LIMITED, "no answer within 0.2 s")
    assert (failed.state, failed.found) == (
        State.LIMITED,
        "it cannot be looked at (OSError: [Errno 5] Input/output error)",
    )
    assert last.state is State.OK


def test_a_check_that_leaves_its_reader_alone_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="does not say what follows"):
        Check("gdb", State.MISSING, "none")
