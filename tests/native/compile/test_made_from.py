"""A program is built anew when anything that it was made from is another one, and otherwise once."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest
from sources import stand_in, written

from redactfuzz.native.compile import build
from redactfuzz.native.compile.build import BuildRequest, cache
from redactfuzz.native.compile.compiler import BuildError, toolchain
from redactfuzz.native.compile.made_from import MadeFrom

Made = Callable[[BuildRequest], Path]

BY_MODE = "#ifndef MODE\n#define MODE 1\n#endif\nint main(void) { return MODE; }\n"


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "redactfuzz"


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """Builds a program with the compiler that is there now."""
    stub = stand_in(tmp_path)
    return lambda wanted: build.program(toolchain(), wanted, stub).path


def test_the_same_is_built_once_and_a_changed_header_builds_it_anew(
    tmp_path: Path, made: Made, own_cache: Path
) -> None:
    header = written(tmp_path, "#define VALUE 1\n", "value.h")
    wanted = BuildRequest((written(tmp_path, '#include "value.h"\nint main(void) { return VALUE; }\n'),))
    made(wanted)
    first = made(wanted)
    assert made(wanted) == first
    header.write_text("#define VALUE 2\n")
    second = made(wanted)
    assert second != first
    assert made(attrs.evolve(wanted, flags=("-DX",))) != second
    assert not list(own_cache.glob(".*"))


GUARDED = """#if __has_include("debug.h")
#include "debug.h"
#endif
#ifndef KEEP
#define KEEP 0
#endif
int main(void) { return KEEP; }
"""


def code_of(path: Path) -> str:
    """The instructions of main(), as the linker left them."""
    text = subprocess.run(["objdump", "-d", path], check=True, capture_output=True, text=True).stdout
    return text.partition("<program_main>:")[2].partition("\n\n")[0]


@pytest.mark.parametrize("again", [0, 1, 2])
def test_a_header_that_comes_and_goes_builds_it_anew(tmp_path: Path, made: Made, again: int) -> None:
    """``again``: how often it was built before that came, since a first build does not know what it depends on."""
    wanted = BuildRequest((written(tmp_path, GUARDED),))
    without = code_of(made(wanted))
    for _ in range(again):
        assert code_of(made(wanted)) == without
    header = written(tmp_path, "#define KEEP 77\n", "debug.h")
    assert "0x4d," in code_of(made(wanted))
    header.unlink()
    assert code_of(made(wanted)) == without


@pytest.mark.parametrize("by_file", [False, True])
def test_a_header_of_its_name_in_a_folder_before_builds_it_anew(
    tmp_path: Path, made: Made, by_file: bool
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir(), second.mkdir()
    written(second, "#define VALUE 1\n", "value.h")
    text = "#include <value.h>\nint main(void) { return VALUE; }\n"
    flags: tuple[str, ...] = (f"-I{first}", f"-I{second}")
    if by_file:
        flags = (f"@{written(tmp_path, ' '.join(flags), 'opts')}",)
    wanted = BuildRequest((written(tmp_path, text),), flags)
    before = code_of(made(wanted))
    written(first, "#define VALUE 77\n", "value.h")
    assert "0x4d," in code_of(made(wanted)) != before


def test_what_a_forgotten_list_of_headers_led_to_is_not_taken_for_what_is_wanted(
    tmp_path: Path, made: Made, own_cache: Path
) -> None:
    """Lists of headers and programs are forgotten one by one, the oldest first."""
    header = written(tmp_path, "#define VALUE 1\n", "value.h")
    wanted = BuildRequest((written(tmp_path, '#include "value.h"\nint main(void) { return VALUE; }\n'),))
    before = code_of(made(wanted))
    (known,) = own_cache.glob(f"{cache.HEADERS}*")
    known.unlink()
    header.write_text("#define VALUE 77\n")
    assert "0x4d," in code_of(made(wanted)) != before


def archive(folder: Path, value: int, way: str = "") -> Path:
    source = written(folder, f"int kept(void) {{ return {value}; }}\n", "mask.c")
    subprocess.run(["cc", "-fPIC", "-c", source, "-o", folder / "mask.o"], check=True)
    if way == "a script of the linker":
        return written(folder, "INPUT(mask.o)\n", "libmask.so")
    if not (folder / "libmask.a").exists() or way != "a thin archive":
        kind = "rcsT" if way == "a thin archive" else "rcs"
        subprocess.run(["ar", kind, folder / "libmask.a", folder / "mask.o"], check=True)
    return folder / "libmask.a"


@pytest.mark.parametrize("way", ["-L and -l", "-l:", "a path", "a thin archive", "a script of the linker"])
def test_another_library_builds_it_anew(tmp_path: Path, made: Made, way: str) -> None:
    path, found = archive(tmp_path, 1, way), (f"-L{tmp_path}", "-lmask")
    flags = {"-l:": (f"-L{tmp_path}", "-l:libmask.a"), "a path": (str(path),)}
    source = written(tmp_path, "int kept(void);\nint main(void) { return kept(); }\n")
    wanted = BuildRequest((source,), flags.get(way, found))
    before = made(wanted)
    assert made(wanted) == before
    archive(tmp_path, 77, way)
    after = made(wanted)
    assert after != before
    assert "$0x4d" in subprocess.run(["objdump", "-d", after], check=True, capture_output=True, text=True).stdout


def test_where_headers_are_looked_for_is_a_part_of_the_build(
    tmp_path: Path, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("one", 1), ("other", 77)):
        (tmp_path / name).mkdir()
        written(tmp_path / name, f"#define VALUE {value}\n", "value.h")
    wanted = BuildRequest((written(tmp_path, "#include <value.h>\nint main(void) { return VALUE; }\n"),))
    monkeypatch.setenv("CPATH", str(tmp_path / "one"))
    before = code_of(made(wanted))
    monkeypatch.setenv("CPATH", str(tmp_path / "other"))
    assert "0x4d," in code_of(made(wanted)) != before


def test_the_arguments_of_a_compiler_are_a_part_of_the_build(
    tmp_path: Path, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = BuildRequest((written(tmp_path, BY_MODE),))
    before = code_of(made(wanted))
    monkeypatch.setenv("CC", "cc -DMODE=77")
    assert "0x4d," in code_of(made(wanted)) != before


def test_so_is_what_a_script_in_the_place_of_a_compiler_adds(
    tmp_path: Path, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = BuildRequest((written(tmp_path, BY_MODE),))
    script = written(tmp_path, '#!/bin/sh\nexec cc "$@"\n', "mycc")
    script.chmod(0o755)
    monkeypatch.setenv("CC", str(script))
    before = code_of(made(wanted))
    script.write_text('#!/bin/sh\nexec cc -DMODE=77 "$@"\n')
    assert "0x4d," in code_of(made(wanted)) != before


@pytest.mark.parametrize("flag", ["-MMD", "-MD", "-M", "-MF", "-MFdep.d", "-MT", "-MP"])
def test_options_that_say_which_headers_there_are_are_refused(
    tmp_path: Path, made: Made, flag: str
) -> None:
    """They take the place of ours."""
    source = written(tmp_path, "int main(void) { return 0; }\n")
    with pytest.raises(BuildError, match=f"{flag}: a program is built with our"):
        made(BuildRequest((source,), (flag,)))


def test_a_folder_that_is_named_from_where_we_are_is_another_one_elsewhere(
    tmp_path: Path, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("one", 1), ("other", 77)):
        (tmp_path / name / "inc").mkdir(parents=True)
        written(tmp_path / name / "inc", f"#define VALUE {value}\n", "value.h")
    source = written(tmp_path, "#include <value.h>\nint main(void) { return VALUE; }\n")
    monkeypatch.chdir(tmp_path / "one")
    before = made(BuildRequest((source,), ("-Iinc",)))
    monkeypatch.chdir(tmp_path / "other")
    assert "0x4d," in code_of(made(BuildRequest((source,), ("-Iinc",))))
    monkeypatch.chdir(tmp_path / "one")
    assert made(BuildRequest((source,), ("-Iinc",))) == before


@pytest.mark.parametrize(
    ("flag", "same"),
    [("-O1", True), ("-DX=a/b", True), ("-I/inc", True), ("-L/x", True), ("-lmask", True), ("-fsanitize=thread", True),
     ("-Wall", True), ("-Iinc", False), ("-L.", False), ("-l:libx.a", False), ("@opts", False), ("-Wl,-rpath,.", False),
     ("libx.a", False), ("-fplugin=x.so", False), ("-include", False)],
)  # fmt: skip
def test_a_program_is_shared_by_folders_where_no_option_depends_on_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flag: str, same: bool
) -> None:
    keys = []
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        keys.append(MadeFrom((tmp_path / "p.c",), ["gcc 12 | cc | c++", flag]).key([]))
    assert (keys[0] == keys[1]) is same


@pytest.mark.parametrize("times", [1, 9])
def test_what_is_written_to_while_it_is_compiled_is_built_once_more(
    tmp_path: Path, made: Made, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    """Nobody can tell what the compiler has read."""
    header = written(tmp_path, "#define VALUE 1\n", "value.h")
    wanted = BuildRequest((written(tmp_path, '#include "value.h"\nint main(void) { return VALUE; }\n'),))
    make, left = build._make_program, [times]

    def edited(*given: Any) -> None:
        make(*given)
        if left[0]:
            left[0] -= 1
            time.sleep(0.02)  # the clock of files ticks
            header.write_text("#define VALUE 77\n")

    monkeypatch.setattr(build, "_make_program", edited)
    if times > 1:
        with pytest.raises(BuildError, match="its files are written to while it is built"):
            made(wanted)
    else:
        assert "0x4d," in code_of(made(wanted))


def test_a_file_of_a_later_time_than_it_is_now_does_not_forbid_a_build(
    tmp_path: Path, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock was set back since it was written."""
    wanted = BuildRequest((written(tmp_path, "int main(void) { return 0; }\n"),))
    now, back = time.time, 3_600.0
    monkeypatch.setattr(time, "time", lambda: now() - back)
    assert made(wanted) == made(wanted)


def test_two_who_build_the_same_get_one_entry(own_cache: Path) -> None:
    made: list[int] = []
    barrier = threading.Barrier(4)

    def make(folder: Path) -> None:
        made.append(1)
        (folder / "x").write_text("whole")

    def want() -> None:
        barrier.wait(10)
        assert (cache.made("entry", make) / "x").read_text() == "whole"

    threads = [threading.Thread(target=want) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(made) == 1
    assert sorted(path.name for path in own_cache.iterdir()) == ["entry"]


def test_a_build_that_fails_leaves_nothing_and_may_be_tried_again(own_cache: Path) -> None:
    def fail(folder: Path) -> None:
        (folder / "half").touch()
        raise BuildError("no")

    with pytest.raises(BuildError):
        cache.made("entry", fail)
    assert not (own_cache / "entry").exists()
    assert cache.made("entry", lambda folder: (folder / "x").touch()).is_dir()


def test_what_a_build_left_that_was_killed_goes_with_the_next_one_of_the_same(own_cache: Path) -> None:
    (own_cache / ".entry-0123").mkdir(parents=True)
    (own_cache / ".entry-0123" / "ccXXXX.s").touch()
    cache.made("entry", lambda folder: (folder / "x").touch())
    assert sorted(path.name for path in own_cache.iterdir()) == ["entry"]
