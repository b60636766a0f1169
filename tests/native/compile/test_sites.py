"""Offsets have names that people understand and that survive another compilation."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from redactfuzz.model.schedule import Site
from redactfuzz.native.compile import build
from redactfuzz.native.compile.build import BuildRequest
from redactfuzz.native.compile.compiler import BuildError, toolchain
from redactfuzz.native.explain.sites import NOWHERE, Sites

PROGRAM = """#include <stddef.h>
char key[32], copy[32];
__attribute__((section("rf_redactor"), noinline)) void wipe(void)
{
    for (size_t i = 0; i < sizeof key; i++)
        key[i] = 0;
}
static void rotate(void)
{
    copy[0] = key[0]; copy[5] = key[9];
    wipe();
}
int main(void)
{
    rotate();
    return copy[0];
}
"""


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def sites_of(folder: Path, text: str, *flags: str, name: str = "rotate.c") -> Sites:
    (folder / "stub.c").write_text("int main(void) { return 0; }\n")
    subprocess.run(["cc", "-rdynamic", folder / "stub.c", "-o", folder / "stub"], check=True)
    source = folder / name
    source.write_text(text)
    tools = toolchain()
    return Sites(tools, build.program(tools, BuildRequest((source,), flags), folder / "stub").path)


def named(sites: Sites) -> dict[Site, int]:
    return {sites.place(offset).site: offset for offset in sites._places}


def test_each_call_has_a_name_by_line_and_order_and_leads_back_to_its_offset(tmp_path: Path) -> None:
    sites = sites_of(tmp_path, PROGRAM)
    found = named(sites)
    mine = [site for site in found if site.function == "rotate" and site.place.startswith("+1:")]
    assert [site.place for site in mine] == ["+1:1", "+1:2", "+1:3", "+1:4"]  # two reads, two writes
    assert all(site.module == "rotate.c" for site in mine)
    for site, offset in found.items():
        assert sites.offset(site) == offset


def test_a_place_shows_its_source(tmp_path: Path) -> None:
    sites = sites_of(tmp_path, PROGRAM)
    place = sites.place(named(sites)[Site("rotate.c", "rotate", "+2:1")])
    assert (place.line, place.function, place.source, str(place)) == (11, "rotate", "wipe();", "rotate.c:11")
    assert place.file == str(tmp_path / "rotate.c")


def test_names_stay_when_other_code_moves_the_addresses(tmp_path: Path) -> None:
    before = named(sites_of(tmp_path, PROGRAM))
    extra = PROGRAM.replace("static void rotate", "int more(int x) { return key[x] + copy[x]; }\nstatic void rotate")
    after = named(sites_of(tmp_path, extra))
    assert before.keys() <= after.keys()
    assert any(before[site] != after[site] for site in before)


def test_redactors_are_found_by_section_and_by_name(tmp_path: Path) -> None:
    sites = sites_of(tmp_path, PROGRAM)
    assert [function.name for function in sites.redactors()] == ["wipe"]
    assert {function.name for function in sites.redactors(("rotate",))} == {"wipe", "rotate"}
    with pytest.raises(BuildError, match="no_such is no function"):
        sites.redactors(("no_such",))


def test_a_redactor_begins_with_16_bytes_that_may_be_overwritten(tmp_path: Path) -> None:
    sites = sites_of(tmp_path, PROGRAM)
    (wipe,) = sites.redactors()
    library = next((tmp_path / "cache" / "redactfuzz").glob("program-*/program.so"))
    assert library.read_bytes()[wipe.start : wipe.start + 16] == b"\x90" * 16


def test_main_has_its_name_back(tmp_path: Path) -> None:
    sites = sites_of(tmp_path, PROGRAM)
    assert "main" in {function.name for function in sites.functions}


def test_what_has_no_name_is_still_told_apart(tmp_path: Path) -> None:
    sites = sites_of(tmp_path, PROGRAM)
    place = sites.place(1)
    assert sites.offset(place.site) == 1
    assert sites.place(0).site == NOWHERE
    assert sites.offset(NOWHERE) == 0
    assert sites.offset(Site("rotate.c", "rotate", "+99:1")) is None


def test_where_a_line_begins(tmp_path: Path) -> None:
    sites = sites_of(tmp_path, PROGRAM)
    addresses = sites.addresses("rotate.c", 11)
    assert addresses
    function = sites.function(addresses[0])
    assert function is not None
    assert function.name == "rotate"
    assert sites.addresses("rotate.c", 500) == ()


def test_cxx_names_are_readable(tmp_path: Path) -> None:
    text = "namespace ring { int held; void rotate(int by) { held += by; } }\nint main() { ring::rotate(1); }\n"
    sites = sites_of(tmp_path, text, name="ring.cpp")
    assert "ring::rotate(int)" in {function.name for function in sites.functions}
