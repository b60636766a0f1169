"""Where a header would lie that is not there and would count."""

from __future__ import annotations

from pathlib import Path

import pytest

from redactfuzz.native.compile.sought import absent, libraries


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("src/p.c", "inc/deep/sized.h"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


@pytest.mark.parametrize(
    "flags",
    [
        ["-Ifirst", "-Iinc"],
        ["--include-directory=first", "--include-directory", "inc"],
        ["-I", "first", "-iquote", "inc"],
        ["-isystemfirst", "-Iinc"],
    ],
)
def test_a_header_may_come_before_the_one_of_its_name(root: Path, flags: list[str]) -> None:
    found = absent(flags, [root / "src" / "p.c", root / "inc" / "deep" / "sized.h"])
    assert {str(root / "first/deep/sized.h"), str(root / "src/deep/sized.h")} <= found
    assert str(root / "inc/deep/sized.h") not in found


def test_a_header_that_is_asked_for_may_come(root: Path) -> None:
    (root / "src" / "p.c").write_text('#if __has_include("fast.h") || __has_include( <other/a.h> )\n#endif\n')
    assert str(root / "src/fast.h") in absent([], [root / "src" / "p.c"])
    found = absent(["-Iinc"], [root / "src" / "p.c"])
    assert {str(root / f"{folder}/{name}") for folder in ("src", "inc") for name in ("fast.h", "other/a.h")} <= found


def test_what_options_name_counts_as_well(root: Path) -> None:
    for name in ("opts", "script.map", "libone.a"):
        (root / name).touch()
    flags = ["@opts", "-Wl,--version-script=script.map", "libone.a", "-Lfirst", "-lmask", "-Wl,-Linc,-l:libtwo.so.1"]
    found = libraries(flags)
    assert {str(root / name) for name in ("opts", "script.map", "libone.a")} <= found
    assert {str(root / name) for name in ("first/libmask.so", "first/libmask.a", "inc/libtwo.so.1")} <= found
    assert str(root / "opts") in absent(["@opts"], [])


@pytest.mark.parametrize(
    "flag", ["-Llib", "-Wl,-Llib", "-Wl,-L,lib", "-Wl,--library-path=lib", "-Wl,--library-path,lib"]
)
def test_a_folder_of_libraries_is_one_however_it_is_named(root: Path, flag: str) -> None:
    assert libraries([flag, "-lmask"]) == {str(root / "lib/libmask.so"), str(root / "lib/libmask.a")}
