"""What a program reads without a hook is named, and what is constant, its own or hooked is not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from redactfuzz.native.compile import build
from redactfuzz.native.compile.build import BuildRequest
from redactfuzz.native.compile.compiler import toolchain
from redactfuzz.native.compile.loads import unhooked_loads

READER = """
#include <pthread.h>
extern QUALIFIER volatile int state;
extern QUALIFIER char word[9];
extern const int table[4];
static const char *const names[] = {"key", "token"};
struct pair { long one, two; };
extern struct pair pairs[3];
static volatile int here;
int sees(void) { return state == 1; }
int reads(int at) { return word[at]; }
int looks_up(int at) { static const short sizes[] = {1, 7, 3, 9}; return table[at] + sizes[at] + names[at & 1][0]; }
long sums(void)
{
    struct pair all[3];
    long sum = 0;
    for (int i = 0; i < 3; i++) all[i] = pairs[i];
    for (int i = 0; i < 3; i++) { __asm__ volatile("" : "+r"(i)); sum += all[i].two; }
    return sum;
}
#ifdef __x86_64__
typedef char bytes __attribute__((vector_size(16)));
typedef float floats __attribute__((vector_size(16)));
#ifdef HIDDEN
__attribute__((target("sse3"))) int builtin(const void *from) { return ((bytes)__builtin_ia32_lddqu(from))[0]; }
typedef float low __attribute__((vector_size(8)));
floats half(floats into, const void *from) { return __builtin_ia32_loadlps(into, (const low *)from); }
int segment(void) { return *(volatile __seg_gs int *)(unsigned long)&here; }
#else
int builtin(const void *from) { return (*(const bytes *)from)[0]; }
floats half(floats into, const void *from) { into[0] = *(const float *)from; return into; }
int segment(void) { return here; }
#endif
#endif
static void *other(void *unused) { return unused; }
int main(int argc, char **argv)
{
    pthread_t thread;
    pthread_create(&thread, 0, other, 0);
    pthread_join(thread, 0);
    return sees() + reads(argc) + looks_up(argc) + (int)sums() + (argv == 0);
}
"""
OWNER = """
volatile int state;
char word[9] = "password";
const int table[4] = {1, 2, 3, 4};
struct pair { long one, two; } pairs[3];
"""


def named(folder: Path, *flags: str) -> set[str]:
    tools = toolchain()
    sources = (folder / "reader.c", folder / "owner.c")
    sources[0].write_text(READER, "utf-8")
    sources[1].write_text(OWNER, "utf-8")
    built = build.program(tools, BuildRequest(sources, flags), build.driver(tools))
    assert all(one.turns_only for one in built.unknown), built.unknown
    return {str(one).partition(" reads memory without a hook")[0] for one in built.unknown}


@pytest.mark.skipif(not toolchain().is_gcc(Path("reader.c")), reason="clang leaves out others: test_unhooked.py")
@pytest.mark.parametrize("level", ["-O0", "-O2"])
def test_what_gcc_puts_no_hook_before_is_named_and_nothing_else(tmp_path: Path, level: str) -> None:
    of_others = {
        "the function sees, to which state is a constant,",
        "the function reads, to which word is a constant,",
    }
    of_the_processor = {
        "__builtin_ia32_lddqu in builtin",
        "__builtin_ia32_loadlps in half",
        "the function segment",
    }
    x86_64 = toolchain().machine == "x86_64"
    hidden = named(tmp_path, level, "-DQUALIFIER=const", "-DHIDDEN")
    assert hidden == (of_others | of_the_processor if x86_64 else of_others)
    assert named(tmp_path, level, "-DQUALIFIER=") == set()


HOOK = "  # .MEM_4 = VDEF <.MEM_2>\n  __builtin___tsan_read4 (p + &shared + &shared_2);\n  # VUSE <.MEM_4>"
BODY = """
;; Function f (f, funcdef_no=1)

int f (int * p)
{
  int _1;
  int * _7;
  int own[4];
  unsigned long ivtmp.3_6;

  <bb 2> :
  ivtmp.3_6 = (unsigned long) &own;
  _7 = (int *) ivtmp.3_6;
  # VUSE <.MEM_4>
  STATEMENT
  # VUSE <.MEM_9>
  return _1;

}
"""


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("_1 = own[2];", False),
        ("_1 = MEM[(int *)_7 + 4B];", False),
        ("_1 = MEM[(int *)&own + 4B];", False),
        ("_1 = fixed;", False),
        ("_1 = *p_3(D);", True),
        ("_1 = p_3(D)->field;", True),
        ("_1 = MEM[(int *)&shared + 4B];", True),
        ("_1 ={v} shared_2;", True),
        ("_1 = VIEW_CONVERT_EXPR<int>(shared.part);", True),
        ("_1 = __builtin_strcmp (p_3(D), q_4(D));", False),
        ('_1 = __builtin_strcmp (p_3(D), "ab");', True),
        ("_1 = __builtin_memcmp_eq (p_3(D), q_4(D), 8);", True),
        ("_1 = .MASK_LOAD (p_3(D), 32B, _1);", True),
        ("_1 = g (p_3(D));", False),
    ],
)
def test_of_a_statement_it_is_told_what_it_reads(statement: str, told: bool) -> None:
    dump = BODY.replace("STATEMENT", statement)
    found = list(unhooked_loads(dump, lambda name: name == "fixed", {"strcmp"}, repeats=False))
    assert bool(found) is told, found
    hooked = dump.replace(
        "  # VUSE <.MEM_4>",
        "  # .MEM_4 = VDEF <.MEM_2>\n  __builtin___tsan_read4 (p + &shared + &shared_2);\n  # VUSE <.MEM_4>",
    )
    left = list(unhooked_loads(hooked, lambda name: name == "fixed", {"strcmp"}, repeats=False))
    assert bool(left) is (told and re.search(r"\w \(", statement.partition("=")[2]) is not None)
