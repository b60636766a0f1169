"""The jobs that ``redactfuzz init`` writes, in a shell, from end to end: no corpus is lost, or missed unseen."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import attrs
import pytest
from commands import COMMAND
from jobs import Project, begun, cloned, git, project

pytestmark = pytest.mark.wide
"""Long: the whole of it is for `make wide`; CI has no room for it in its 30 minutes."""

OURS = "corpora/test_rotation/seeds/mine"


@pytest.fixture
def made(tmp_path: Path) -> Project:
    return project(tmp_path)


@pytest.fixture(name="begun")
def begun_project(made: Project) -> Project:
    return begun(made)


def seed(of: Project, name: str, text: str = "a schedule") -> None:
    file = of.folder / "corpora" / "test_rotation" / "seeds" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")


def test_a_night_without_its_corpus_is_an_alarm_and_explores_nothing(made: Project) -> None:
    ran = made.job("nightly")
    assert ran.code == 5
    assert "ALARM: the corpus is not there" in ran.err
    assert "sh ci/redactfuzz/corpus.sh begin" in ran.err
    assert made.calls() == []
    assert made.job("pull-request", "origin/main").code == 5


def test_a_night_saves_what_it_has_found_and_the_next_begins_with_it(begun: Project, tmp_path: Path) -> None:
    first = begun.job("nightly")
    assert first.code == 1, first.both  # the leak of the example
    saved = begun.on_branch()
    assert [path for path in saved if path.startswith(("corpora/", "night/findings/"))]
    assert "night/0001.jsonl" in saved
    assert ".redactfuzz/dependencies.json" in saved
    changed = begun.git("status", "--porcelain").splitlines()
    assert [line for line in changed if "__pycache__" not in line] in ([], ["?? corpora/"])
    other = cloned(begun, tmp_path)
    assert other.job("corpus", "restore").code == 0
    assert all((other.folder / path).is_file() for path in saved)
    assert other.job("nightly").code == 1
    assert set(saved) <= set(other.on_branch())


def test_a_night_is_called_as_it_is_documented(begun: Project) -> None:
    """An empty corpus that was brought is none that was lost; afterwards it is not empty."""
    assert begun.job("nightly").code == 1
    assert begun.job("nightly").code == 1
    call = "fuzz tests/scenarios --for 5s --corpus corpora --out night --trust"
    assert begun.calls("fuzz") == [f"{call} --new-corpus", call]


def test_a_night_that_does_not_begin_shows_no_pages_of_the_one_before(begun: Project) -> None:
    pages = [begun.folder / "night" / f"report.{end}" for end in ("md", "sarif", "xml", "html")]
    assert begun.job("nightly").code == 1
    assert all(page.is_file() for page in pages)
    (begun.folder / "tests" / "scenarios").rename(begun.folder / "elsewhere")
    ran = begun.job("nightly")
    assert ran.code == 2, ran.both
    assert [page.name for page in pages if page.is_file()] == ["report.md"]
    assert pages[0].read_text("utf-8").startswith("# The night did not begin\n")


def test_two_that_save_side_by_side_lose_nothing(begun: Project, tmp_path: Path) -> None:
    other = cloned(begun, tmp_path)
    assert other.job("corpus", "restore").code == 0
    seed(begun, "mine")
    assert begun.job("corpus", "save").code == 0
    seed(other, "theirs")
    assert other.job("corpus", "save").code == 0
    assert {OURS, OURS.replace("mine", "theirs")} <= set(begun.on_branch())
    before = git(begun.remote, "rev-parse", "redactfuzz-corpus")
    assert "nothing is new" in other.job("corpus", "save").out
    assert git(begun.remote, "rev-parse", "redactfuzz-corpus") == before


@pytest.mark.parametrize(
    "asks", ["text=auto eol=crlf", "text eol=lf ident", "filter=shout", "working-tree-encoding=UTF-16"]
)
def test_what_a_project_asks_of_git_for_its_files_changes_no_corpus(begun: Project, tmp_path: Path, asks: str) -> None:
    begun.git("config", "filter.shout.clean", "tr a-z A-Z")
    (begun.folder / ".gitattributes").write_text(f"corpora/** {asks}\n", "utf-8")
    begun.commit()
    begun.git("push", "-q", "origin", "HEAD:main")
    held = "one\nanother\r\n$Id$\n"
    seed(begun, "mine")
    (begun.folder / OURS).write_bytes(held.encode())
    assert begun.job("corpus", "save").code == 0
    other = cloned(begun, tmp_path)
    other.git("config", "filter.shout.smudge", "tr a-z A-Z")
    assert other.job("corpus", "restore").code == 0
    assert (other.folder / OURS).read_bytes() == held.encode()
    assert begun.on_branch() == [OURS]


@pytest.mark.parametrize("spelled", ["./corpora", "corpora/", "././corpora", "HERE/corpora"])
def test_another_spelling_of_its_path_is_the_same_corpus(begun: Project, spelled: str) -> None:
    """git passes over such names without a word, and what is not put in would be taken away."""
    named = {"REDACTFUZZ_CORPUS": spelled.replace("HERE", str(begun.folder))}
    seed(begun, "mine")
    assert begun.job("corpus", "save", **named).code == 0
    assert begun.on_branch() == [OURS]
    assert begun.job("corpus", "replace", **named).code == 0
    assert begun.on_branch() == [OURS]


@pytest.mark.parametrize("spelled", ["../corpora", "corpora/../other", "/elsewhere/corpora", ".", "link"])
def test_a_corpus_that_does_not_lie_below_the_project_is_refused_and_stays_on_the_branch(
    begun: Project, spelled: str
) -> None:
    seed(begun, "mine")
    assert begun.job("corpus", "save").code == 0
    (begun.folder / "link").symlink_to("corpora")
    for verb in ("save", "replace", "restore"):
        ran = begun.job("corpus", verb, REDACTFUZZ_CORPUS=spelled)
        assert ran.code == 5
        assert f"ALARM: REDACTFUZZ_CORPUS is {spelled}" in ran.err
    assert begun.on_branch() == [OURS]


def test_a_project_below_the_top_of_its_repository_has_its_corpus_there(tmp_path: Path) -> None:
    whole = project(tmp_path)
    inner = attrs.evolve(whole, folder=whole.folder / "service")
    inner.folder.mkdir()
    assert inner.sh(COMMAND, "init", "--shell").code == 0
    assert inner.job("corpus", "begin").code == 0
    seed(inner, "mine")
    assert inner.job("corpus", "save").code == 0
    assert inner.on_branch() == [f"service/{OURS}"]
    shutil.rmtree(inner.folder / "corpora")
    assert inner.job("corpus", "restore").code == 0
    assert (inner.folder / OURS).read_text("utf-8") == "a schedule"
    assert not (whole.folder / "corpora").exists()


def test_what_another_machine_keeps_in_a_folder_of_its_own_stays_when_a_corpus_is_replaced(begun: Project) -> None:
    for name in ("night-a", "night-b"):
        (begun.folder / name).mkdir()
        (begun.folder / name / "0001.jsonl").write_text("{}\n", "utf-8")
        assert begun.job("corpus", "save", REDACTFUZZ_NIGHT=name).code == 0
    shutil.rmtree(begun.folder / "night-b")
    (begun.folder / "night-a" / "0001.jsonl").unlink()
    assert begun.job("corpus", "replace", REDACTFUZZ_NIGHT="night-a").code == 0
    assert begun.on_branch() == ["night-b/0001.jsonl"]


def test_pruning_takes_old_journals_but_those_that_tell_of_findings(begun: Project) -> None:
    night = begun.folder / "night"
    night.mkdir()
    for number in range(1, 41):
        (night / f"{number:04}.jsonl").write_text('{"event": "FindingMet"}\n' if number == 3 else "{}\n", "utf-8")
    assert begun.job("corpus", "save").code == 0
    assert begun.job("prune").code == 0
    assert [int(path.stem) for path in sorted(night.glob("*.jsonl"))] == [3, *range(11, 41)]


def test_saving_removes_nothing_and_replacing_does(begun: Project) -> None:
    seed(begun, "mine")
    seed(begun, "more")
    assert begun.job("corpus", "save").code == 0
    (begun.folder / OURS).unlink()
    assert begun.job("corpus", "save").code == 0
    assert OURS in begun.on_branch()
    seed(begun, "more.stale", "")
    assert begun.job("corpus", "save").code == 0
    assert OURS.replace("mine", "more.stale") in begun.on_branch()
    (begun.folder / OURS.replace("mine", "more.stale")).unlink()  # its seed could be followed again
    assert begun.job("corpus", "save").code == 0
    assert OURS in begun.on_branch()
    assert OURS.replace("mine", "more.stale") not in begun.on_branch()
    assert begun.job("corpus", "replace").code == 0
    assert OURS not in begun.on_branch()
    assert OURS.replace("mine", "more") in begun.on_branch()


def test_a_corpus_that_somebody_has_saved_meanwhile_is_not_replaced(begun: Project, tmp_path: Path) -> None:
    other = cloned(begun, tmp_path)
    assert other.job("corpus", "restore").code == 0
    seed(begun, "mine")
    assert begun.job("corpus", "save").code == 0
    ran = other.job("corpus", "replace")
    assert ran.code == 5
    assert OURS in begun.on_branch()


def test_what_the_branch_may_not_hold_is_not_brought(begun: Project) -> None:
    """Whoever can push to it could change what runs, else."""
    seed(begun, "mine")
    link, planted = begun.folder / "corpora" / "link", begun.folder / "conftest.py"
    link.symlink_to("/etc/hostname")
    planted.write_text("print('evil')\n", "utf-8")
    begun.git("checkout", "-q", "--orphan", "evil")
    begun.git("add", "-A", "-f")
    begun.git("commit", "-q", "-m", "evil")
    begun.git("push", "-q", "-f", "origin", "HEAD:refs/heads/redactfuzz-corpus")
    for each in (link, planted, begun.folder / OURS):
        each.unlink()
    assert begun.job("corpus", "restore").code == 0
    assert (begun.folder / OURS).is_file()
    assert not planted.exists()
    assert not link.is_symlink()


def test_a_corpus_of_which_a_file_cannot_be_written_is_an_alarm_and_replaces_nothing(begun: Project) -> None:
    """As on a full disk: what is missing here would be removed there."""
    seed(begun, "mine")
    assert begun.job("corpus", "save").code == 0
    shutil.rmtree(begun.folder / "corpora")
    (begun.folder / "corpora").write_text("in its place", "utf-8")
    for job in ("nightly", "prune"):
        ran = begun.job(job)
        assert ran.code == 5
        assert f"{OURS} cannot be written" in ran.err
    assert begun.calls() == []
    assert OURS in begun.on_branch()


def test_what_a_link_leads_to_is_not_saved(begun: Project) -> None:
    seed(begun, "mine")
    (begun.folder / "corpora" / "link").symlink_to("/etc/hostname")
    assert begun.job("corpus", "save").code == 0
    assert begun.on_branch() == [OURS]


def test_neither_branch_nor_index_nor_files_of_the_user_are_touched(begun: Project) -> None:
    seed(begun, "mine")
    assert begun.job("corpus", "save").code == 0
    (begun.folder / "staged.py").write_text("x = 1\n", "utf-8")
    begun.git("add", "staged.py")
    (begun.folder / OURS).write_text("changed here", "utf-8")
    before = begun.git("status", "--porcelain=v2", "--branch")
    assert begun.job("corpus", "restore").code == 0
    assert begun.git("status", "--porcelain=v2", "--branch") == before
    assert (begun.folder / OURS).read_text("utf-8") == "changed here"


def test_a_signal_ends_the_night_in_good_order_and_the_corpus_is_saved(begun: Project) -> None:
    environment = {**os.environ, "PATH": begun.path, "REDACTFUZZ_FOR": "300s"}
    process = subprocess.Popen(["sh", "ci/redactfuzz/nightly.sh"], cwd=begun.folder, env=environment,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)  # fmt: skip
    until = time.monotonic() + 60
    journal = begun.folder / "night" / "0001.jsonl"
    while not (journal.is_file() and journal.stat().st_size):
        assert time.monotonic() < until
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate(timeout=100)
    assert process.returncode == 143, said
    assert "the corpus is saved" in said
    assert [path for path in begun.on_branch() if path.startswith(("corpora/", "night/"))]
    # What the code host is given.
    assert {"report.sarif", "report.xml"} <= {each.name for each in (begun.folder / "night").iterdir()}


def test_a_file_for_git_in_an_empty_corpus_makes_it_no_corpus_that_was_lost(begun: Project) -> None:
    (begun.folder / "corpora").mkdir()
    (begun.folder / "corpora" / ".gitattributes").write_text("* -text\n", "utf-8")
    ran = begun.job("nightly")
    assert ran.code == 1, ran.both
    assert "the corpus was not loaded" not in ran.both


def test_the_prune_job_minimises_and_replaces(begun: Project) -> None:
    begun.job("nightly")
    night = begun.folder / "night"
    night.mkdir(exist_ok=True)
    for number in range(1, 41):
        (night / f"{number:04}.jsonl").write_text("{}\n", "utf-8")
    before = begun.on_branch()
    ran = begun.job("prune")
    assert ran.code == 0, ran.both
    after = begun.on_branch()
    assert sorted(path for path in after if path.startswith("night/"))[0] == "night/0011.jsonl"
    seeds = [path for path in after if "/seeds/" in path]
    assert 0 < len(seeds) <= len([path for path in before if "/seeds/" in path])
    assert begun.calls("corpus minimise") == ["corpus minimise corpora"]


def test_a_remote_that_does_not_answer_is_no_new_project(made: Project) -> None:
    made.git("remote", "set-url", "origin", str(made.remote.with_name("gone.git")))
    ran = made.job("corpus", "begin")
    assert ran.code == 5
    assert "does not answer" in ran.err


def test_beginning_twice_changes_nothing(begun: Project) -> None:
    before = git(begun.remote, "rev-parse", "redactfuzz-corpus")
    ran = begun.job("corpus", "begin")
    assert (ran.code, "there already" in ran.out) == (0, True)
    assert git(begun.remote, "rev-parse", "redactfuzz-corpus") == before


def test_a_word_that_is_none_of_the_corpus_is_refused(begun: Project) -> None:
    assert begun.job("corpus", "destroy").code == 2
    assert begun.job("corpus").code == 2
