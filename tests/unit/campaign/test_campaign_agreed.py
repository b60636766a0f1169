"""What a repro file of somebody else may make run, and what needs its reader's word."""

from __future__ import annotations

import json
import os
import random
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from click import UsageError
from mutations import mutated
from strangers import PROGRAM, SCENARIO, program

from redactfuzz.campaign.files import installation
from redactfuzz.campaign.files.agreed import announcement, beyond
from redactfuzz.campaign.files.store import Store, is_own, load, make_folder
from redactfuzz.cli.found import found, in_pytest
from redactfuzz.model.repro import dumps

HARMLESS = """
    -O -O0 -O3 -Os -Ofast -std=c11 -std=gnu++20 -g -g3 -ggdb -pthread -lm -lssl -lstdc++ -w -Wall -Wno-unused
    -Werror=format -DNDEBUG -DN=100 -DLEVEL=1.5 -UNDEBUG -Iinclude -Ivendor/lib/include -march=native -mavx2
    -fno-strict-aliasing -flto -fzero-call-used-regs=used -fno-builtin
"""
ACTED_ON = """
    LD_PRELOAD LD_LIBRARY_PATH LD_AUDIT GCONV_PATH MALLOC_CHECK_ PYTHONPATH PYTHONSTARTUP GLIBC_TUNABLES PATH HOME
    TMPDIR BASH_ENV ENV IFS GCC_EXEC_PREFIX COMPILER_PATH LIBRARY_PATH CPATH C_INCLUDE_PATH LOCPATH NLSPATH
    ld_preload OPENSSL_CONF http_proxy REDACTFUZZ_CACHE A=B
"""


@pytest.fixture(autouse=True)
def own_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An installation of the test's own, and a folder to be in."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    installation._key.cache_clear()
    work = tmp_path / "work"
    work.mkdir()
    (work / "scenario.py").write_text("raise SystemExit('it was imported')")
    (work / "program.c").write_text("int main(void) { return 0; }")
    monkeypatch.chdir(work)
    yield work
    installation._key.cache_clear()


@pytest.mark.parametrize("flag", HARMLESS.split())
def test_options_that_only_choose_how_code_is_compiled_are_agreed_to(flag: str) -> None:
    assert beyond(program(flags=[flag])) == ""


@pytest.mark.parametrize(
    "flag",
    [
        "-Dmain=__attribute__((constructor)) main",
        "-DX=$(id)",
        "-DX=a b",
        "-wrapper",
        "-wrapper=sh",
        "-fdump-tree-original=FILE",
        "-fopt-info-all=FILE",
        "-fplugin=evil.so",
        "-fplugin-arg-evil-x=1",
        "-fprofile-generate=/tmp/x",
        "-fsanitize=address",
        "-specs=evil",
        "-Bevil",
        "-B.",
        "-Xlinker",
        "-Wl,-rpath,/tmp",
        "-Wa,-x",
        "-Wp,-MD,FILE",
        "-L/tmp",
        "-L.",
        "-l:evil.so",
        "-l/tmp/evil",
        "-include",
        "-imacros",
        "-isystem",
        "-I/etc",
        "-I../other",
        "-Ia/../../b",
        "-o",
        "-x",
        "-MD",
        "-MF/tmp/x",
        "-save-temps",
        "-dumpdir",
        "-g0 -O2",
        "-O2\n-wrapper",
        "@options",
        "evil.so",
        "/tmp/evil.a",
        "./evil.o",
        "-mllvm",
        "-T",
        "--sysroot=/tmp",
        "",
        "-",
        "-std=c11 -wrapper",
        "\N{FULLWIDTH HYPHEN-MINUS}O2",
        "-D\N{LATIN SMALL LETTER E WITH ACUTE}=1",
    ],
)
def test_any_other_option_is_not(flag: str) -> None:
    assert "the compiler option" in beyond(program(flags=["-O2", flag]))


@pytest.mark.parametrize("name", [*ACTED_ON.split(), "", "a b", "LD_PRELOAD "])
def test_a_variable_that_loaders_libraries_and_tools_act_on_is_not(name: str) -> None:
    assert "the environment variable" in beyond(program(environment={name: "x"}))


@pytest.mark.parametrize("path", ["/etc/evil.py", "../evil.py", "a/../../evil.py"])
def test_a_path_that_leads_out_of_the_folder_is_not(path: str) -> None:
    assert path in beyond(attrs.evolve(SCENARIO, path=path))
    source = path.replace(".py", ".c")
    assert source in beyond(program(sources=["program.c", source]))


def test_what_this_installation_wrote_is_believed_and_what_was_edited_is_not(own_key: Path) -> None:
    path = Path(Store().save(attrs.evolve(SCENARIO, path=str(own_key / "scenario.py"))))
    assert is_own(load(path))
    assert found(path, trust=False)[1] == own_key / "scenario.py"
    edited = {**json.loads(path.read_text()), "seed": 1}
    path.write_text(json.dumps(edited))
    assert not is_own(load(path))
    with pytest.raises(UsageError, match="--trust"):
        found(path, trust=False)
    assert found(path, trust=True)[1] == own_key / "scenario.py"


def test_nor_is_the_file_of_another_installation(
    own_key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = Path(Store().save(attrs.evolve(SCENARIO, path=str(own_key / "scenario.py"))))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "another"))
    installation._key.cache_clear()
    assert not is_own(load(path))


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_that_others_can_read_is_none(own_key: Path, tmp_path: Path, mode: int) -> None:
    assert installation.mark("text")
    (tmp_path / "data" / "redactfuzz" / "key").chmod(mode)
    installation._key.cache_clear()
    assert installation.mark("text") == ""
    assert not installation.is_marked("text", "")


def test_without_a_home_nothing_is_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "/proc/nowhere")
    installation._key.cache_clear()
    assert installation.mark("text") == ""


def test_the_files_and_the_key_are_nobody_elses(own_key: Path, tmp_path: Path) -> None:
    path = Path(Store().save(SCENARIO))
    kept = tmp_path / "data" / "redactfuzz"
    modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in (path, path.parent, kept, kept / "key")}
    assert modes == {path.name: 0o600, ".redactfuzz": 0o700, "redactfuzz": 0o700, "key": 0o600}
    assert (path.parent / ".gitignore").read_text() == "*\n"


def test_a_link_is_not_followed_where_a_file_is_written(own_key: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("as it was")
    path = Path(Store().save(SCENARIO))
    path.unlink()
    path.symlink_to(precious)
    Store().save(SCENARIO)
    assert precious.read_text() == "as it was"
    assert not path.is_symlink()


def test_a_folder_of_ours_that_is_a_link_is_left_alone(own_key: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (own_key / ".redactfuzz").symlink_to(elsewhere)
    store = Store()
    store.save(SCENARIO)
    assert not list(elsewhere.iterdir())
    assert "link" in store.note


@pytest.mark.parametrize("mode", [0o777, 0o750, 0o701])
def test_a_temporary_folder_that_somebody_made_before_us_is_not_used(
    own_key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    theirs = temporary / f"redactfuzz-{os.getuid()}"
    theirs.mkdir()
    theirs.chmod(mode)
    (own_key / ".redactfuzz").write_text("a file where our folder would be")
    path = Path(Store().save(SCENARIO))
    assert path.is_file()
    assert path.parent != theirs
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_code_behind_a_link_out_of_the_folder_needs_trust(own_key: Path, tmp_path: Path) -> None:
    evil = tmp_path / "evil.py"
    evil.write_text("")
    (own_key / "linked.py").symlink_to(evil)
    path = own_key / "theirs.rfz.json"
    path.write_text(dumps(attrs.evolve(SCENARIO, path="linked.py")))
    with pytest.raises(UsageError, match="link"):
        found(path, trust=False)
    assert found(path, trust=True)[1] == evil


def test_a_folder_above_the_file_is_not_searched_for_code(own_key: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``tmp/evil.py`` lies below ``/``, and a file in ``Downloads`` lies below that as well."""
    deep = own_key / "a" / "b"
    deep.mkdir(parents=True)
    (deep / "theirs.rfz.json").write_text(dumps(SCENARIO))
    monkeypatch.chdir(deep)
    with pytest.raises(UsageError, match="neither below the working directory"):
        found(deep / "theirs.rfz.json", trust=False)
    kept = own_key / ".redactfuzz"
    kept.mkdir()
    (kept / "ours.rfz.json").write_text(dumps(SCENARIO))
    assert found(kept / "ours.rfz.json", trust=False)[1] == own_key / "scenario.py"


def test_what_is_about_to_run_is_said_before(own_key: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = own_key / "theirs.rfz.json"
    path.write_text(dumps(program(flags=["-O2"], environment={"TOKEN": "a\x1b[2Jb"})))
    found(path, trust=True)
    told = capsys.readouterr().err
    assert "compiling program.c" in told
    assert "with -O2" in told
    assert r"TOKEN=a\x1b[2Jb" in told


@pytest.mark.parametrize("sources", ["program.c", {"program.c": 1}, ["other.c"], ["program.c", "x.txt"], []])
def test_a_program_of_no_sources_is_refused(own_key: Path, sources: object) -> None:
    path = own_key / "theirs.rfz.json"
    path.write_text(dumps(program(sources=sources)))
    with pytest.raises(UsageError, match="damaged"):
        found(path, trust=False)


MUTATIONS = 500
"""In each run of the suite; `ci/bench/strangers_files.py` makes 10,000."""


def test_no_mutated_file_is_followed_out_of_the_folder(own_key: Path) -> None:
    """Whatever was done to a file: it is refused, or names code of this folder and options of the table alone."""
    rng = random.Random(11)
    originals = [dumps(SCENARIO), dumps(PROGRAM)]
    path = own_key / "theirs.rfz.json"
    told = {"refused": 0, "followed": 0}
    for _ in range(MUTATIONS):
        path.write_bytes(mutated(rng.choice(originals), rng))
        try:
            repro, code = found(path, trust=False)
        except UsageError:
            told["refused"] += 1
            continue
        told["followed"] += 1
        assert beyond(repro) == ""
        assert code in (own_key / "scenario.py", own_key / "program.c")
    assert min(told.values()) >= MUTATIONS / 100, told


@pytest.mark.parametrize(
    "name",
    [
        "LUA_INIT",
        "DBUS_SESSION_BUS_ADDRESS",
        "HDF5_PLUGIN_PATH",
        "ODBCSYSINI",
        "GDAL_DRIVER_PATH",
        "LC_ALL",
        "API_TOKEN",
    ],
)
def test_a_variable_with_a_value_of_the_file_is_not_agreed_to(name: str) -> None:
    assert beyond(program(environment={name: "x"})) == f"the environment variable {name}"


@pytest.mark.parametrize("name", ["LD_PRELOAD", "HDF5_PLUGIN_PATH", "key", "KEY "])
def test_nor_is_a_canary_in_a_variable_that_anybody_may_act_on(name: str) -> None:
    assert beyond(program(routes={"a": [1, name]})) == f"the environment variable {name}"


def test_a_canary_in_a_variable_that_is_called_so_is_agreed_to() -> None:
    assert beyond(program(environment={"LC_ALL": "C"}, routes={"a": [1, "KEY"], "b": [1, "TOKEN"], "c": [0, ""]})) == ""


@pytest.mark.parametrize("item", ["/tmp/evil/test_x.py::t", "../test_x.py::t", "a/../../x.py::t"])
def test_a_test_that_lies_elsewhere_is_not(item: str) -> None:
    assert beyond(attrs.evolve(SCENARIO, item=item)).startswith(f"the test {item}")


def test_a_test_whose_name_is_an_option_is_no_option_in_what_is_printed(tmp_path: Path) -> None:
    printed = in_pytest(attrs.evolve(SCENARIO, item="--log-file=rotation.py"), tmp_path / "x.rfz.json")
    assert printed.startswith("./--log-file=rotation.py --redactfuzz-replay ")


def test_what_will_run_is_told_in_some_lines_however_much_it_is() -> None:
    much: dict[str, Any] = {"environment": {f"N{n}": "x" * 10_000 for n in range(50)}, "arguments": ["y" * 10_000]}
    told = list(announcement(attrs.evolve(PROGRAM, program={**PROGRAM.program, **much}), Path("program.c")))
    assert len(told) == 3
    assert max(map(len, told)) < 3_000


def test_a_folder_that_another_user_owns_is_not_used_and_one_that_others_can_write_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / ".redactfuzz"
    folder.mkdir()
    folder.chmod(0o777)
    make_folder(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    monkeypatch.setattr(os, "geteuid", lambda: folder.stat().st_uid + 1)
    with pytest.raises(PermissionError, match="another user"):
        make_folder(folder)


@pytest.mark.parametrize(("name", "value"), [("XDG_DATA_HOME", "relative"), ("HOME", ""), ("HOME", "/nonexistent")])
def test_the_key_is_kept_in_a_home_or_nowhere(
    own_key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    shutil.rmtree(own_key)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    monkeypatch.setenv(name, value)
    installation._key.cache_clear()
    try:
        assert bool(installation.mark("text")) == (name != "HOME")
    finally:
        installation._key.cache_clear()
    assert {path.name for path in tmp_path.iterdir()} == {"home"}
    assert not Path("/nonexistent").exists()
