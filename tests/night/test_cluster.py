"""A night on a Dask cluster: a real scheduler and two real workers on loopback."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from nights_of import COMMAND, LEAKS, environment, fuzz, write

from redactfuzz.model.night import FindingMet, SliceEnded
from redactfuzz.night.journal import nights, of_kind

pytestmark = pytest.mark.wide
"""Long: the whole of it is for `make wide`; CI has no room for it in its 30 minutes."""

DASK = (sys.executable, "-m", "distributed.cli.dask_scheduler"), (sys.executable, "-m", "distributed.cli.dask_worker")


@attrs.define
class Cluster:
    """Its processes."""

    address: str
    workers: list[subprocess.Popen[bytes]]


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    log = tmp_path / "scheduler.log"
    with log.open("wb") as out:
        quiet: dict[str, Any] = {"stdout": out, "stderr": subprocess.STDOUT, "cwd": tmp_path, "env": environment()}
        scheduler = subprocess.Popen(
            [*DASK[0], "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--no-jupyter"], **quiet
        )
        processes = [scheduler]
        try:
            until = time.monotonic() + 60
            found = None
            while found is None and time.monotonic() < until:
                found = re.search(r"tcp://127\.0\.0\.1:[0-9]+", log.read_text())
                time.sleep(0.1)
            assert found is not None, log.read_text()
            address = found[0]
            own = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", str(tmp_path / "dask"))
            workers = [subprocess.Popen([*DASK[1], address, *own], **quiet) for _ in range(2)]
            processes += workers
            yield Cluster(address, workers)
        finally:
            for each in processes:
                each.kill()
                each.wait()


def test_findings_come_once_and_their_files_are_here(tmp_path: Path, cluster: Cluster) -> None:
    ran = fuzz(tmp_path, write(tmp_path, LEAKS), "--cluster", cluster.address, rounds=2)
    assert ran.code == 1, ran.said
    met = of_kind(ran.nights[-1].events, FindingMet)
    assert {each.title for each in met} == {"ring.py::rotates"}
    assert len({each.key for each in met}) == len(met) == 1
    assert (tmp_path / met[0].finding.repro).resolve().parent == tmp_path / "out" / "findings"
    assert (tmp_path / met[0].finding.repro).is_file()
    assert len(of_kind(ran.nights[-1].events, SliceEnded)) >= 3  # what is proved has one turn


def test_a_worker_that_is_killed_costs_no_finding(tmp_path: Path, cluster: Cluster) -> None:
    write(tmp_path, LEAKS)
    words = ("fuzz", "ring.py", "--rounds", "3", "--slice", "2s", "--out", "out", "--cluster", cluster.address)
    night = subprocess.Popen(
        [COMMAND, *words, "--no-likelihood"],
        cwd=tmp_path,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    until = time.monotonic() + 120
    while time.monotonic() < until and night.poll() is None:
        if any(of_kind(each.events, SliceEnded) for each in nights(tmp_path / "out")):
            break
        time.sleep(0.1)
    os.kill(cluster.workers[0].pid, signal.SIGKILL)
    said, _ = night.communicate(timeout=240)
    assert night.returncode == 1, said
    (whole,) = nights(tmp_path / "out")
    met = of_kind(whole.events, FindingMet)
    assert {each.title for each in met} == {"ring.py::rotates"}
    assert len({each.key for each in met}) == len(met)
    numbers = [each.number for each in of_kind(whole.events, SliceEnded)]
    assert len(numbers) == len(set(numbers))  # what ran twice is taken once


def test_a_cluster_that_is_not_there_is_refused_at_once(tmp_path: Path) -> None:
    ran = fuzz(tmp_path, write(tmp_path, LEAKS), "--cluster", "tcp://127.0.0.1:9")
    assert ran.code == 2
    assert "no Dask scheduler answers there" in ran.said
    assert ran.nights == []


def test_what_is_no_address_is_refused_before_anybody_is_asked(tmp_path: Path) -> None:
    for address in ("foo", "", "tcp://"):
        ran = fuzz(tmp_path, write(tmp_path, LEAKS), "--cluster", address)
        assert ran.code == 2
        assert "no address of a scheduler" in ran.said
        assert "Traceback" not in ran.said


def test_a_cluster_that_goes_away_ends_the_night_with_what_is_known(tmp_path: Path, cluster: Cluster) -> None:
    for each in cluster.workers:
        each.send_signal(signal.SIGSTOP)  # they take tasks and give nothing
    write(tmp_path, LEAKS)
    words = ("fuzz", "ring.py", "--for", "5s", "--slice", "2s", "--out", "out", "--cluster", cluster.address)
    done = subprocess.run(
        [COMMAND, *words, "--no-likelihood"],
        cwd=tmp_path,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 5, done.stderr
    assert "a scenario" in done.stderr
    (night,) = nights(tmp_path / "out")
    assert night.ended
