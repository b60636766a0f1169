"""`ci/find-python`: which interpreter CI tests, and when the lack of one is a failure.

The interpreters are stand-ins of a version that no machine has.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "ci" / "find-python"
GOOD = 'case "$2" in *python_version*) echo 3.77.1;; esac'
WITHOUT_VENV = GOOD + '\ncase "$2" in *venv*) exit 1;; esac'
WITHOUT_HEADERS = GOOD + '\ncase "$2" in *Python.h*) exit 1;; esac'
DANGLING_SHIM = "exit 127"
OF_ANOTHER_VERSION = "echo 3.11.2"


def put(path: Path, script: str) -> Path:
    """Puts an interpreter there that answers as ``script`` says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    path.chmod(0o755)
    return path


def find(tmp_path: Path, *options: str) -> tuple[int, str, str]:
    """Exit status, standard output and standard error."""
    search = os.pathsep.join((str(tmp_path / "bin"), os.environ["PATH"]))
    environment = {
        **os.environ,
        "PATH": search,
        "PYENV_ROOT": str(tmp_path / "pyenv"),
        "REDACTFUZZ_PYTHONS": str(tmp_path / "unpacked"),
        "OS_RELEASE": str(tmp_path / "os-release"),
    }
    done = subprocess.run(
        ["bash", SCRIPT, *options, "3.77"], env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    return done.returncode, done.stdout.strip(), done.stderr.strip()


APT = """
echo "$@" >>{calls}
case "$*" in
*indextargets*) echo "/a/key.gpg|mirror:/debian/|old|main" ;;
*download*) for each in "$@"; do case $each in *python*) : >"$each.deb" ;; esac; done ;;
esac
"""
DPKG = """
mkdir -p "$3/usr/bin" "$3/usr/lib/python3.77" "$3/usr/include/python3.77"
printf '#!/bin/sh\n%s\n' '{python}' >"$3/usr/bin/python3.77"
chmod +x "$3/usr/bin/python3.77"
cd "$3/usr/lib/python3.77"
echo "'INCLUDEPY': '/usr/include/python3.77', 'TZPATH': '/usr/share/zoneinfo'" >_sysconfigdata__x.py
cd ../../..
echo '# include <x86_64-linux-gnu/python3.77/pyconfig.h>' >usr/include/python3.77/pyconfig.h
"""


def debian(tmp_path: Path, python: str) -> Path:
    """Stands in for a Debian whose packages hold such an interpreter. Gives where the calls of apt-get are written."""
    calls = tmp_path / "calls"
    (tmp_path / "os-release").write_text("ID=debian\nVERSION_CODENAME=old\n", "utf-8")
    put(tmp_path / "bin" / "apt-get", APT.format(calls=calls))
    put(tmp_path / "bin" / "dpkg", DPKG.format(python=python.replace("'", "")))
    return calls


def test_one_on_path_that_runs_is_chosen(tmp_path: Path) -> None:
    chosen = put(tmp_path / "bin" / "python3.77", GOOD)
    assert find(tmp_path) == (0, str(chosen), "")


def test_one_of_the_version_manager_is_chosen_where_path_has_a_shim_that_runs_nothing(tmp_path: Path) -> None:
    put(tmp_path / "bin" / "python3.77", DANGLING_SHIM)
    chosen = put(tmp_path / "pyenv" / "versions" / "3.77.1" / "bin" / "python3", GOOD)
    assert find(tmp_path) == (0, str(chosen), "")


def test_nothing_of_that_version_is_told_from_one_that_will_not_do(tmp_path: Path) -> None:
    put(tmp_path / "bin" / "python3.77", OF_ANOTHER_VERSION)
    assert find(tmp_path) == (2, "", "")


def test_one_without_venv_is_a_failure_that_names_the_package(tmp_path: Path) -> None:
    put(tmp_path / "bin" / "python3.77", WITHOUT_VENV)
    status, _, told = find(tmp_path)
    assert (status, told) == (1, "Python 3.77.1 is here, but without its venv module (on Debian: python3.77-venv)")


def test_one_without_headers_is_a_failure_unless_another_will_do(tmp_path: Path) -> None:
    put(tmp_path / "bin" / "python3.77", WITHOUT_HEADERS)
    status, _, told = find(tmp_path)
    assert (status, told) == (1, "Python 3.77.1 is here, but without its C headers (on Debian: python3.77-dev)")
    chosen = put(tmp_path / "pyenv" / "versions" / "3.77.1" / "bin" / "python3", GOOD)
    assert find(tmp_path) == (0, str(chosen), "")


def test_one_that_was_unpacked_is_chosen(tmp_path: Path) -> None:
    chosen = put(tmp_path / "unpacked" / "3.77" / "usr" / "bin" / "python3.77", GOOD)
    assert find(tmp_path) == (0, str(chosen), "")


def test_one_that_is_not_here_is_unpacked_when_that_is_asked_for_and_tells_where_it_lies(tmp_path: Path) -> None:
    calls = debian(tmp_path, 'case "$2" in *python_version*) echo 3.77.1;; esac')
    home = tmp_path / "unpacked" / "3.77" / "usr"
    assert find(tmp_path) == (2, "", "")
    status, chosen, told = find(tmp_path, "--get")
    assert (status, chosen) == (0, str(home / "bin" / "python3.77"))
    assert told.startswith(f"Python 3.77 unpacked to {home.parent}")
    described = (home / "lib" / "python3.77" / "_sysconfigdata__x.py").read_text("utf-8")
    assert described.strip() == f"'INCLUDEPY': '{home}/include/python3.77', 'TZPATH': '/usr/share/zoneinfo'"
    header = (home / "include" / "python3.77" / "pyconfig.h").read_text("utf-8")
    assert header.strip() == '# include "../x86_64-linux-gnu/python3.77/pyconfig.h"'
    for call in calls.read_text("utf-8").splitlines()[1:]:
        assert "-o Dir::State=" in call, "the lists of the system stay as they are"
    assert find(tmp_path) == (0, chosen, "")


def test_what_cannot_be_had_is_said_and_is_no_failure(tmp_path: Path) -> None:
    debian(tmp_path, "echo GLIBC_9.99 not found >&2; exit 1")
    status, _, told = find(tmp_path, "--get")
    assert (status, told) == (
        2,
        "Python 3.77 cannot be had: its packages do not run on this machine's libraries: GLIBC_9.99 not found",
    )
    assert not list((tmp_path / "unpacked").iterdir())
    (tmp_path / "os-release").write_text("ID=another\n", "utf-8")
    status, _, told = find(tmp_path, "--get")
    assert status == 2
    assert told.endswith("with apt-get on Debian, which is not here, or reaches no mirror")


def test_a_version_that_redactfuzz_refuses_is_not_taken_and_said(tmp_path: Path) -> None:
    early = 'case "$2" in *python_version*) echo 3.14.2;; esac'
    put(tmp_path / "bin" / "python3.14", early)
    environment = {"PATH": f"{tmp_path / 'bin'}{os.pathsep}/usr/bin{os.pathsep}/bin", "HOME": str(tmp_path)}
    asked = ["bash", SCRIPT, "3.14"]
    done = subprocess.run(asked, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert "needs 3.14.5 or later" in done.stderr
