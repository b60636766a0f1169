"""``redactfuzz changed``: what a change concerns is listed, what it does not is not, and what is unknown is."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import attrs
import pytest
from commands import COMMAND, Ran, run_in, run_ready
from jobs import git
from ready import Ready

RING = """\
class Keyring:
    def __init__(self, key):
        self.current, self.known = key, (key,)

    def rotate(self, key):
        self.known = (*self.known, key)
        self.current = key

    def scrub(self, text):
        for key in self.known:
            text = text.replace(key, "[key]")
        return text
"""
SCENARIOS = """\
from redactfuzz import Race, scenario


@scenario
def test_rotation(race: Race):
    from app.ring import Keyring  # in the scenario: nobody sees it who imports the file

    ring = Keyring(race.canary("old key").text)
    scrub = race.redactor(ring.scrub)
    race.thread(ring.rotate, race.canary("new key").text)
    race.crash(lambda: scrub(f"signing with {ring.current}"))


@scenario
def test_words(race: Race):
    key = race.canary("key").text
    scrub = race.redactor(lambda text: text.replace(key, ""))
    race.thread(open, "data/words.txt")
    race.crash(lambda: scrub(key), by="exception")
"""
ROTATION, WORDS = "tests/test_a.py::test_rotation", "tests/test_a.py::test_words"
RECORD = Path(".redactfuzz", "dependencies.json")
PROGRAM = '#include "table.h"\nint main(void) { return TABLE; }\n'


@attrs.frozen
class Project:
    folder: Path
    ready: Ready

    def write(self, name: str, text: str) -> None:
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_text(text, "utf-8")

    def commit(self) -> None:
        git(self.folder, "add", "-A")
        git(self.folder, "commit", "-q", "-m", "a change")

    def changed(self, *arguments: str) -> Ran:
        return run_ready(self.ready, self.folder, "changed", *(arguments or ("tests", "--since", "HEAD")))

    def listed(self, *arguments: str) -> dict[str, list[str]]:
        """Title -> why it is listed, of those that are."""
        ran = self.changed(*(arguments or ("tests", "--since", "HEAD")), "--json")
        assert ran.code == 0, ran.err
        assert all(record["changed"] == bool(record["why"]) for record in ran.records)
        return {record["scenario"]: record["why"] for record in ran.records if record["changed"]}


def made_in(folder: Path, ready: Ready) -> Project:
    made = Project(folder / "a project", ready)
    for name, text in {"app/__init__.py": "", "app/ring.py": RING, "app/other.py": "", "data/words.txt": "words\n",
                       "tests/test_a.py": SCENARIOS, ".gitignore": ".redactfuzz/\n"}.items():  # fmt: skip
        made.write(name, text)
    git(made.folder, "init", "-q")
    made.commit()
    return made


@pytest.fixture
def fresh(tmp_path: Path, ready: Ready) -> Project:
    return made_in(tmp_path, ready)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory, ready: Ready) -> Project:
    made = made_in(tmp_path_factory.mktemp("recorded"), ready)
    assert set(made.listed()) == {ROTATION, WORDS}
    return made


@pytest.fixture
def known(recorded: Project, tmp_path: Path) -> Project:
    """A project in which each scenario has been recorded."""
    shutil.copytree(recorded.folder, tmp_path / "a project", symlinks=True)
    return Project(tmp_path / "a project", recorded.ready)


def test_what_is_unknown_has_changed_and_is_known_then(fresh: Project) -> None:
    ran = fresh.changed()
    assert ran.code == 0
    assert ran.out == f"{ROTATION}: not known before\n{WORDS}: not known before\n"
    assert ran.err == "2 of 2 scenarios and programs changed since HEAD\n"
    ran = fresh.changed()
    assert (ran.code, ran.out, ran.err) == (0, "", "0 of 2 scenarios and programs changed since HEAD\n")


@pytest.mark.parametrize(
    ("file", "concerns"),
    [
        ("app/ring.py", {ROTATION: ["app/ring.py"]}),
        ("data/words.txt", {WORDS: ["data/words.txt"]}),
        ("tests/test_a.py", {ROTATION: ["tests/test_a.py"], WORDS: ["tests/test_a.py"]}),
        ("app/other.py", {}),
        ("README.md", {}),
    ],
)
def test_a_change_concerns_those_that_use_the_file(known: Project, file: str, concerns: dict[str, list[str]]) -> None:
    path = known.folder / file
    known.write(file, (path.read_text("utf-8") if path.exists() else "") + "\n# changed\n")
    assert known.listed() == concerns
    known.commit()
    assert known.listed("tests", "--since", "HEAD~1") == concerns  # though it was recorded anew


def test_names_alone_are_what_run_takes(known: Project) -> None:
    known.write("app/ring.py", RING + "\n# changed\n")
    ran = known.changed("tests", "--since", "HEAD", "--null")
    assert ran.out == f"{ROTATION}\0"
    chosen = run_in(known.folder, COMMAND, "run", *ran.out.rstrip("\0").split("\0"), "--executions", "20", "--json")
    assert chosen.record["scenario"] == ROTATION


def test_an_import_that_is_added_is_recorded_with_the_change_that_adds_it(known: Project) -> None:
    known.write("app/ring.py", "from app import other\n" + RING)
    assert known.listed() == {ROTATION: ["app/ring.py"]}
    known.commit()
    assert known.listed() == {}
    known.write("app/other.py", "x = 1\n")
    assert known.listed() == {ROTATION: ["app/other.py"]}


def test_a_module_that_was_looked_for_concerns_them_when_it_comes_and_when_it_changes(known: Project) -> None:
    known.write("app/ring.py", f"try:\n    from app import speedups\nexcept ImportError:\n    pass\n{RING}")
    known.commit()
    assert known.listed() == {}
    for text in ("x = 1\n", "x = 2\n"):
        known.write("app/speedups.py", text)
        assert known.listed() == {ROTATION: ["app/speedups.py"]}
        known.commit()
        assert known.listed() == {}
    known.write("tests/conftest.py", "")
    assert known.listed() == {ROTATION: ["tests/conftest.py"], WORDS: ["tests/conftest.py"]}


def test_a_record_that_is_damaged_or_cannot_be_kept_makes_everything_unknown(known: Project) -> None:
    (known.folder / RECORD).write_text('{"format": 1, "scenarios": [', "utf-8")
    assert set(known.listed()) == {ROTATION, WORDS}
    ran = known.changed("tests", "--since", "HEAD", "--record", "app/ring.py/record.json")
    assert (ran.code, ran.out.count("not known before")) == (0, 2)
    assert "cannot be written" in ran.err


def test_what_cannot_be_run_once_has_always_changed_and_says_why(known: Project) -> None:
    known.write("tests/test_b.py", "import os\nfrom redactfuzz import scenario\n\n"
                "@scenario\ndef test_dies(race):\n    race.thread(os._exit, 7)\n\n"
                "@scenario\ndef test_fixture(race, tmp_path):\n    pass\n\n"
                "@scenario\ndef test_fine(race):\n    race.thread(len, race.canary('a').text)\n"
                "    race.crash(lambda: 'x')\n")  # fmt: skip
    known.write("tests/test_c.py", "from redactfuzz import scenario\nimport no_such_module\n")
    known.commit()
    for _ in range(2):
        why = known.listed()
        assert "exit status 7" in why["tests/test_b.py::test_dies"][0]
        assert "only pytest can run it" in why["tests/test_b.py::test_fixture"][0]
        assert "cannot be imported" in why["tests/test_c.py"][0]
        assert why.keys() >= {"tests/test_b.py::test_dies", "tests/test_b.py::test_fixture", "tests/test_c.py"}
    assert "tests/test_b.py::test_fine" not in why


def test_no_secret_is_in_the_record(fresh: Project) -> None:
    fresh.write("tests/test_a.py", "from redactfuzz import Race, scenario\nfrom pathlib import Path\n\n"
                "@scenario\ndef test_a(race: Race):\n    key = race.canary('key').text\n"
                "    race.thread(Path(f'data/{key}').is_file)\n    race.thread(read, f'data/{key}')\n"
                "    race.crash(lambda: key)\n\n"
                "def read(name):\n    try:\n        open(name)\n    except OSError:\n        pass\n")  # fmt: skip
    fresh.listed()
    files = json.loads((fresh.folder / RECORD).read_text("utf-8"))["scenarios"]["tests/test_a.py::test_a"]["files"]
    assert {name for name, held in files.items() if held} == {"tests/test_a.py"}


def test_of_a_program_the_sources_and_headers_count(fresh: Project) -> None:
    for name, text in {"vulnerable.c": PROGRAM, "fixed.c": PROGRAM, "table.h": "#define TABLE 0\n",
                       "unused.h": "\n"}.items():  # fmt: skip
        fresh.write(f"programs/signer/{name}", text)
    fresh.commit()
    both = {"programs/signer/fixed.c", "programs/signer/vulnerable.c"}
    since = ("programs", "--since", "HEAD")
    assert set(fresh.listed(*since)) == both
    assert fresh.listed(*since) == {}
    fresh.write("programs/signer/unused.h", "/* changed */\n")
    assert fresh.listed(*since) == {}
    fresh.write("programs/signer/table.h", "#define TABLE 1\n")
    assert fresh.listed(*since) == {each: ["programs/signer/table.h"] for each in both}
    fresh.write("programs/signer/fixed.c", '#include "gone.h"\nint main(void) { return 0; }\n')
    assert "cannot be read by the compiler" in fresh.listed(*since)["programs/signer/fixed.c"][0]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("tests", "--since", "no-such-branch"), "names no commit that is here"),
        (("tests",), "Missing option '--since'"),
        (("nowhere", "--since", "HEAD"), "no such file or folder"),
        (("app", "--since", "HEAD"), "no scenario in this folder"),
    ],
)
def test_what_cannot_be_told_exits_2(fresh: Project, arguments: tuple[str, ...], says: str) -> None:
    ran = fresh.changed(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert says in ran.err


@pytest.mark.parametrize("record", ["app/ring.py", "tests", "/dev/null"])
def test_what_is_no_record_is_not_written_over(fresh: Project, record: str) -> None:
    ran = fresh.changed("tests", "--since", "HEAD", "--record", record)
    assert ran.code == 2
    assert "it exists and is no record" in ran.err
    assert (fresh.folder / "app/ring.py").read_text("utf-8") == RING
    assert Path("/dev/null").is_char_device()


def test_without_a_repository_it_exits_2(fresh: Project, tmp_path: Path) -> None:
    (fresh.folder / ".git").rename(tmp_path / "moved")
    ran = run_in(fresh.folder, COMMAND, "changed", "tests", "--since", "HEAD", GIT_CEILING_DIRECTORIES=str(tmp_path))
    assert ran.code == 2
    assert "belongs to no git repository" in ran.err
