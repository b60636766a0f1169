"""Programs are built by the user's compiler, once, redirected to our models, and what cannot be built is said."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from sources import stand_in, written

from redactfuzz.native.compile import build
from redactfuzz.native.compile.build import BuildRequest
from redactfuzz.native.compile.compiler import BuildError, Toolchain, ran, toolchain
from redactfuzz.native.compile.symbols import Symbols, readable, redirection, unknown

PROGRAM = """
#include <stdlib.h>
#include <unistd.h>
int free_list;
int main(int argc, char **argv)
{
    char *volatile key = malloc(32);
    key[0] = (char)argc;
    free(key);
    if (argc > 7)
        execl(argv[1], argv[2], (char *)0);
    return free_list;
}
"""


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def tools() -> Toolchain:
    return toolchain()


@pytest.fixture
def stub(tmp_path: Path) -> Path:
    return stand_in(tmp_path)


def undefined(path: Path) -> set[str]:
    text = subprocess.run(["nm", "-D", "-u", path], check=True, capture_output=True, text=True).stdout
    return {line.split()[-1].partition("@")[0] for line in text.splitlines()}


def defined(path: Path) -> set[str]:
    text = subprocess.run(["nm", "-D", "--defined-only", path], check=True, capture_output=True, text=True).stdout
    return {line.split()[-1] for line in text.splitlines()}


def test_library_functions_with_a_model_are_redirected_and_main_gets_out_of_the_way(
    tmp_path: Path, tools: Toolchain, stub: Path
) -> None:
    built = build.program(tools, BuildRequest((written(tmp_path, PROGRAM),)), stub)
    wanted = undefined(built.path)
    assert {"model_malloc", "model_free"} <= wanted
    assert not {"malloc", "free"} & wanted
    assert "program_main" in defined(built.path)
    assert "main" not in defined(built.path)
    assert built.modelled == ("free", "malloc")


def test_accesses_are_hooked_in_our_build_and_not_in_the_plain_one(
    tmp_path: Path, tools: Toolchain, stub: Path
) -> None:
    source = written(tmp_path, PROGRAM)
    ours = undefined(build.program(tools, BuildRequest((source,)), stub).path)
    plain = undefined(build.program(tools, BuildRequest((source,), plain=True), stub).path)
    assert any(name.startswith("__tsan_write") for name in ours)
    assert not any(name.startswith("__tsan") for name in plain)
    assert "model_malloc" in plain
    assert not any("libtsan" in line for line in needed(build.program(tools, BuildRequest((source,)), stub).path))


def needed(path: Path) -> list[str]:
    text = subprocess.run(["readelf", "-d", path], check=True, capture_output=True, text=True).stdout
    return [line for line in text.splitlines() if "NEEDED" in line]


def test_a_wipe_that_the_optimiser_removes_is_kept_in_our_build_alone(
    tmp_path: Path, tools: Toolchain, stub: Path
) -> None:
    text = """
    #include <stdlib.h>
    #include <string.h>
    void fill(char *);
    static void use(void) { char key[64]; fill(key); memset(key, 0, sizeof key); }
    int main(void) { use(); return 0; }
    """
    source = written(tmp_path, text)
    assert "memset" in undefined(build.program(tools, BuildRequest((source,), ("-O2",)), stub).path)
    plain = build.program(tools, BuildRequest((source,), ("-O2",), plain=True), stub).path
    assert "memset" not in undefined(plain)


def test_what_nobody_stands_in_for_is_named_with_its_meaning(tmp_path: Path, tools: Toolchain, stub: Path) -> None:
    built = build.program(tools, BuildRequest((written(tmp_path, PROGRAM),)), stub)
    assert [(one.name, one.reaches_out) for one in built.unknown] == [("execl", True)]


def test_vector_registers_are_kept_where_the_program_uses_some_or_calls_what_may(
    tmp_path: Path, tools: Toolchain, stub: Path
) -> None:
    plain = "int main(int n, char **v) { (void)v; return n * 3; }\n"
    sources = {
        "without.c": plain,
        "fraction.c": "int main(int n, char **v) { (void)v; volatile double half = n / 2.0; return half > 1; }\n",
        "stranger.c": "int stranger(void);\nint main(void) { return stranger(); }\n",
    }
    kept = {
        name: build.program(tools, BuildRequest((written(tmp_path, text, name),)), stub).vectors
        for name, text in sources.items()
    }
    assert kept == {"without.c": tools.machine != "x86_64", "fraction.c": True, "stranger.c": True}


def test_real_threads_of_the_cxx_library_are_never_harmless() -> None:
    symbols = Symbols(frozenset(), frozenset({"_ZNSt6thread4joinEv", "_ZSt17__throw_bad_allocv"}))
    found = unknown(symbols, frozenset())
    assert [one.name for one in found if "threads" in one.meaning] == ["_ZNSt6thread4joinEv"]
    assert "_ZSt17__throw_bad_allocv" not in [one.name for one in found]
    assert not unknown(symbols, frozenset({"model__ZNSt6thread4joinEv"}))


def test_what_the_cxx_library_allocates_or_links_is_not_harmless_and_is_told_as_cxx_writes_it() -> None:
    names = {
        "_ZNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEE6resizeEmc": "std::basic_string::resize",
        "_ZSt29_Rb_tree_insert_and_rebalancebPSt18_Rb_tree_node_baseS0_RS_": "std::_Rb_tree_insert_and_rebalance",
        "__cxa_throw": "__cxa_throw",
    }
    harmless = {"_ZTVSt9exception", "_ZSt9terminatev", "_ZNSaIcEC1Ev", "_ZNSt8ios_base4InitC1Ev", "__cxa_begin_catch"}
    found = readable(unknown(Symbols(frozenset(), frozenset({*names, *harmless})), frozenset()))
    assert {one.name for one in found} == set(names.values())


def test_what_a_program_defines_itself_stays_its_own() -> None:
    symbols = Symbols(frozenset({"main", "strdup"}), frozenset({"malloc"}))
    exports = frozenset({"model_strdup", "model_malloc"})
    assert redirection(symbols, exports) == {"malloc": "model_malloc", "main": "program_main"}


def test_a_compile_error_is_shown_as_the_compilers_own(tmp_path: Path, tools: Toolchain, stub: Path) -> None:
    source = written(tmp_path, "int main(void) { return nothing_of_this_name; }\n")
    with pytest.raises(BuildError, match=r"prog\.c does not compile") as caught:
        build.program(tools, BuildRequest((source,)), stub)
    alone = subprocess.run(["cc", "-c", source, "-o", tmp_path / "x.o"], capture_output=True, text=True, check=False)
    assert re.search(r"prog\.c:1:25: error: .nothing_of_this_name. undeclared", caught.value.detail)
    assert "nothing_of_this_name" in alone.stderr
    assert not list((tmp_path / "cache" / "redactfuzz").glob(".*"))


def test_a_program_without_main_is_refused(tmp_path: Path, tools: Toolchain, stub: Path) -> None:
    with pytest.raises(BuildError, match=r"no main\(\) in prog\.c"):
        build.program(tools, BuildRequest((written(tmp_path, "int x;\n"),)), stub)


def test_two_programs_at_once_are_told_from_one_of_two_files(tmp_path: Path, tools: Toolchain, stub: Path) -> None:
    sources = (written(tmp_path, PROGRAM, "one.c"), written(tmp_path, PROGRAM, "two.c"))
    with pytest.raises(BuildError, match=r"one\.c and two\.c have a main\(\) each"):
        build.program(tools, BuildRequest(sources), stub)


def test_options_of_the_user_pass_through(tmp_path: Path, tools: Toolchain, stub: Path) -> None:
    (tmp_path / "inc").mkdir()
    written(tmp_path / "inc", "#define SEVEN 7\n", "seven.h")
    text = "#include <math.h>\n#include <seven.h>\nint main(int n, char **v) { return (int)cbrt(SEVEN + n + EIGHT); }\n"
    wanted = BuildRequest((written(tmp_path, text),), ("-I", str(tmp_path / "inc"), "-DEIGHT=8", "-lm"))
    built = build.program(tools, wanted, stub)
    assert any("libm" in line for line in needed(built.path))
    assert [one.name for one in built.unknown] in ([], ["cbrt"])


def test_cxx_is_built_as_cxx(tmp_path: Path, tools: Toolchain, stub: Path) -> None:
    text = '#include <string_view>\nint main() { if (std::string_view v{"x"}; v.size()) return 1; return 0; }\n'
    built = build.program(tools, BuildRequest((written(tmp_path, text, "prog.cpp"),)), stub)
    assert "program_main" in defined(built.path)


def test_what_a_compiler_keeps_for_the_time_being_lies_beside_what_it_makes(tmp_path: Path) -> None:
    tool = written(tmp_path, '#!/bin/sh\nprintf %s "$TMPDIR"\n', "tool")
    tool.chmod(0o700)
    assert ran([tool, "-c", "a.c", "-o", tmp_path / "part" / "a.o"], "no") == str(tmp_path / "part")


def test_no_compiler_is_said_plainly(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.delenv("CXX", raising=False)
    with pytest.raises(BuildError, match="no C compiler"):
        toolchain()


def test_no_objcopy_is_said_plainly(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "cc").symlink_to("/usr/bin/cc")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BuildError, match="objcopy and nm and objdump not found"):
        toolchain()


def test_a_compiler_that_is_named_and_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", "no-such-compiler -m64")
    with pytest.raises(BuildError, match="CC names no-such-compiler"):
        toolchain()


@pytest.mark.parametrize("flags", [("-flto",), ("-fvisibility=hidden",), ("-O2", "-flto=auto", "-DX")])
def test_what_hides_symbols_or_keeps_them_for_the_linker_is_undone(
    flags: tuple[str, ...], tmp_path: Path, tools: Toolchain, stub: Path
) -> None:
    built = build.program(tools, BuildRequest((written(tmp_path, PROGRAM),), flags), stub)
    assert "program_main" in defined(built.path)


@pytest.mark.parametrize("flag", ["-static", "-pg", "--coverage", "-fsanitize=undefined", "-fprofile-generate"])
def test_an_option_that_brings_code_of_its_own_is_refused_by_name(
    flag: str, tmp_path: Path, tools: Toolchain, stub: Path
) -> None:
    with pytest.raises(BuildError, match=f"^{flag}: .*Leave the option out"):
        build.program(tools, BuildRequest((written(tmp_path, PROGRAM),), ("-O1", flag)), stub)


def test_locks_that_the_cxx_library_makes_of_atomics_need_no_detector(tmp_path: Path, tools: Toolchain) -> None:
    text = """
    #include <atomic>
    #include <memory>
    int main() { std::atomic<std::shared_ptr<int>> kept{std::make_shared<int>(1)}; return *kept.load() - 1; }
    """
    request = BuildRequest((written(tmp_path, text, "prog.cpp"),), ("-std=c++20",))
    built = build.program(tools, request, build.driver(tools))
    assert not [one.name for one in built.unknown if "tsan" in one.name]


def test_code_without_vector_registers_hands_no_fraction_on() -> None:
    """gcc puts it on the stack there, clang into a general register, and who is called looks into a vector register."""
    headers = [*build.CORE.rglob("*.h"), *build.RUNTIME.rglob("*.h")]
    prototype = re.compile(r"^(?:double \*?(\w+)\(|[\w ]+ \**(\w+)\([^;{]*\bdouble \w)", re.MULTILINE)
    names = {one or other for each in headers for one, other in prototype.findall(each.read_text("utf-8"))}
    assert "rf_match_scan" in names
    called = re.compile(rf"\b(?:{'|'.join(names)})\(")
    without = [path for path in build.RUNTIME.rglob("*.c") if path.name not in build._FLOATING]
    assert without
    assert [path.name for path in without if called.search(path.read_text("utf-8"))] == []
