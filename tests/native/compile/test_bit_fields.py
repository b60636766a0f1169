"""A store to a bit field that has others beside it is named, where gcc compiles it; and no other one."""

from __future__ import annotations

from pathlib import Path

import pytest

from redactfuzz.native.compile import build
from redactfuzz.native.compile.build import BuildRequest
from redactfuzz.native.compile.compiler import toolchain
from redactfuzz.native.compile.symbols import READS

_SOURCE = """
#include <pthread.h>
struct flags { unsigned wiped : 1, busy : 1; int other; };
struct alone { unsigned bit : 1; int other; };
static struct flags state, many[4];
static struct alone one;
static void shared(struct flags *it, int value) { it->busy = value; it[1].wiped |= 1; }
static void by_name(void) { state.wiped = 1; }
static int own(int value) { struct flags mine = {0}; mine.wiped = value; mine.other = value; return mine.wiped; }
static void others(void) { state.other = 1; one.bit = 1; many[1].other = one.bit; }
static void *thread(void *at) { shared(at, 1); by_name(); others(); return at; }
int main(int count, char **words)
{
    (void)words;
#if STARTS
    pthread_t other;
    pthread_create(&other, 0, thread, many);
    pthread_join(other, 0);
#else
    thread(many);
#endif
    return own(count) + (int)state.busy;
}
"""


def _named(folder: Path, *flags: str) -> set[tuple[str, str]]:
    tools, source = toolchain(), folder / "flags.c"
    source.write_text(_SOURCE, "ascii")
    unknown = build.program(tools, BuildRequest((source,), flags), build.driver(tools)).unknown
    assert all(one.meaning == READS and one.turns_only for one in unknown)
    return {(one.name.split()[6], one.name.split()[8].partition(".")[0].rstrip(",")) for one in unknown}


@pytest.mark.skipif(not toolchain().is_gcc(Path("flags.c")), reason="clang puts a hook before the read as well")
@pytest.mark.parametrize("level", ["-O0", "-O2"])
def test_stores_that_read_the_field_beside_them_are_named_where_there_are_threads(tmp_path: Path, level: str) -> None:
    stores = {("busy", "shared"), ("wiped", "shared"), ("wiped", "by_name")}
    assert _named(tmp_path, level, "-DSTARTS=1") == stores
    assert _named(tmp_path, level, "-DSTARTS=0") == set()
