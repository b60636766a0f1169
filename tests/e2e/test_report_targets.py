"""Where ``--junit`` and ``--sarif`` write to: files, pipes and stdout, and nothing of somebody else's."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest
from commands import COMMAND, Run

pytestmark = pytest.mark.once
CI = ("--profile", "ci")


@pytest.mark.parametrize(("option", "target"), [("--sarif", "rotation.py"), ("--junit", "ring.py")])
def test_a_report_takes_the_place_of_no_file_that_is_none(folder: Path, cli: Run, option: str, target: str) -> None:
    before = (folder / target).read_text("utf-8")
    ran = cli("run", option, target, "rotation.py::vulnerable")
    assert ran.code == 2
    assert option in ran.err
    assert (folder / target).read_text("utf-8") == before


def test_two_reports_are_two_files(cli: Run) -> None:
    ran = cli("run", "--sarif", "out", "--junit", "./out", "rotation.py::vulnerable")
    assert ran.code == 2
    assert "named twice" in ran.err


@pytest.mark.parametrize("target", ["-", "/dev/stdout", "/dev/fd/1"])
def test_a_report_on_stdout_is_alone_there(cli: Run, target: str) -> None:
    ran = cli("run", "--sarif", target, "rotation.py::vulnerable", *CI)
    assert ran.code == 1
    assert json.loads(ran.out)["runs"][0]["results"]
    assert "LEAK  rotation.py::vulnerable" in ran.err


def test_stdout_holds_one_thing(cli: Run) -> None:
    for more in (("--json",), ("--junit", "/dev/stdout")):
        ran = cli("run", "--sarif", "-", *more, "rotation.py::vulnerable")
        assert ran.code == 2
        assert "both write to stdout: give one of them a file." in ran.err


def test_what_is_no_file_works_or_is_refused_at_once(folder: Path, cli: Run) -> None:
    os.mkfifo(folder / "pipe")
    (folder / "folder").mkdir()
    (folder / "loop").symlink_to("loop")
    (folder / "link").symlink_to("real.xml")
    wanted = {"pipe": "nobody reads this pipe", "folder": "it is a folder", "loop": "link that leads to itself"}
    for target, why in wanted.items():
        ran = cli("run", "--junit", target, "rotation.py::vulnerable")
        assert ran.code == 2
        assert why in ran.err
        assert not ran.out
    with open(os.open(folder / "pipe", os.O_RDONLY | os.O_NONBLOCK), encoding="utf-8") as reader:  # noqa: PTH123
        assert cli("run", "--junit", "link", "--sarif", "pipe", "rotation.py::vulnerable", *CI).code == 1
        assert json.load(reader)["runs"][0]["results"]
    assert (folder / "link").is_symlink()
    assert "<failure" in (folder / "real.xml").read_text()


def test_the_second_signal_ends_at_once_though_nobody_reads_the_report(folder: Path) -> None:
    """A pipe that is full: the summary is being written, and would be for ever."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(writer, bytes(4096))
    os.set_blocking(writer, True)
    process = subprocess.Popen(
        [COMMAND, "run", "--junit", "out.xml", "rotation.py::vulnerable", "verdicts.py", *CI],
        cwd=folder,
        env={**os.environ, "PYTHONHASHSEED": "0"},
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        assert process.stderr is not None
        assert "LEAK" in process.stderr.readline(), "found, and soon told"
        process.send_signal(signal.SIGTERM)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(3)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 143, "what ended it is the first"
    finally:
        process.kill()
        os.close(reader)
        os.close(writer)
    cases = {
        case.attrib["name"]: [child.tag for child in case]
        for case in ElementTree.parse(folder / "out.xml").iter("testcase")
    }
    assert [path.name for path in folder.glob(".*.part")] == []
    assert "skipped" in cases["verdicts.py"]
