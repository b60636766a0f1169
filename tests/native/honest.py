"""Asks the C library whether a row of the table is honest: where it writes, called on memory that must not change."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

from redactfuzz.native.compile.compiler import toolchain
from redactfuzz.native.compile.table import LibraryFunction

SOURCE = r"""
#define _GNU_SOURCE
%(includes)s
#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGE = 4096, SEGMENTS = 16 };
static char *text, *zeros, *open_to_all;
static struct { char *at, *before; size_t size; } segments[SEGMENTS];
static int count;

static char *opened(size_t size)
{
    return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

/* What the libraries keep for themselves. */
static void find_segments(void)
{
    char line[512];
    FILE *maps = fopen("/proc/self/maps", "r");
    while (maps != NULL && fgets(line, sizeof line, maps) != NULL && count < SEGMENTS) {
        unsigned long start, end;
        char rights[5];
        if (sscanf(line, "%%lx-%%lx %%4s", &start, &end, rights) == 3 && rights[1] == 'w'
            && (strstr(line, "/libc.so") != NULL || strstr(line, "/libm.so") != NULL)) {
            segments[count].at = (char *)start;
            segments[count].size = end - start;
            segments[count++].before = opened(end - start);
        }
    }
    if (maps != NULL) fclose(maps);
}

static void keep(void)
{
    for (int i = 0; i < count; i++) memcpy(segments[i].before, segments[i].at, segments[i].size);
}

static int changed(void)
{
    for (int i = 0; i < count; i++) if (memcmp(segments[i].before, segments[i].at, segments[i].size) != 0) return 1;
    return 0;
}

static int behind(const char *at, size_t size)
{
    for (; size < PAGE; size++) if (at[size] != 0) return 1;
    return 0;
}

static int compare(const void *one, const void *other) { return one < other ? -1 : one > other; }

%(calls)s
typedef int call(void);
static struct { const char *name; call *run; } const all[] = {
%(table)s    {NULL, NULL},
};

int main(void)
{
    text = opened(2 * PAGE);
    zeros = text + PAGE;
    open_to_all = opened(4 * PAGE);
    for (int i = 0; i < PAGE; i++) text[i] = "1.1."[i %% 4];
    text[15] = 0;
    text[PAGE - 1] = 0;
    mprotect(text, 2 * PAGE, PROT_READ);
    find_segments();
    for (int i = 0; all[i].name != NULL; i++) {
        int status = 0;
        pid_t child = fork();
        if (child == 0) _exit(all[i].run());
        waitpid(child, &status, 0);
        if (WIFSIGNALED(status)) printf("%%s writes where it must not (signal %%d)\n", all[i].name, WTERMSIG(status));
        else if (WEXITSTATUS(status) == 1) printf("%%s changes what its library keeps\n", all[i].name);
        else if (WEXITSTATUS(status) == 2) printf("%%s writes more than its row says\n", all[i].name);
        else if (WEXITSTATUS(status) == 3) printf("%%s is not here\n", all[i].name);
        else printf("%%s ok\n", all[i].name);
    }
    return 0;
}
"""


def asked(rows: Sequence[LibraryFunction], headers: Iterable[str], folder: Path) -> dict[str, str]:
    """Name -> ``ok``, or what is wrong with it, of rows with a declaration."""
    rows = [one for one in rows if "(" in one.declaration]
    parts = {
        "includes": "\n".join(f"#if __has_include(<{one}>)\n#include <{one}>\n#endif" for one in headers),
        "calls": "\n".join(map(_call, rows)),
        "table": "".join(f'    {{"{one.name}", call_{one.name}}},\n' for one in rows),
    }
    source = folder / "honest.c"
    source.write_text(SOURCE % parts, "utf-8")
    flags = ["-std=gnu11", "-O0", "-fno-builtin", "-w", "-Wl,-z,now", "-Wl,--no-as-needed", "-lm"]
    subprocess.run([*toolchain().compiler_of(source), source, *flags, "-o", folder / "honest"], check=True)
    done = subprocess.run([folder / "honest"], capture_output=True, text=True, check=True)
    said = dict(line.split(" ", 1) for line in done.stdout.splitlines())
    assert list(said) == [one.name for one in rows]
    return said


def _call(one: LibraryFunction) -> str:
    """A function that calls it: memory that its row writes is open, all other is not."""
    head, _, rest = one.declaration.partition(f"{one.name}(")
    written = {re.split(r"[?\[]", place)[0]: place for place in one.writes}
    names, declared, checks = [], [], []
    for number, parameter in enumerate(_parameters(rest.removesuffix(")"))):
        name = _named(parameter)
        if not name:
            name = f"a{number}"
            parameter = f"{parameter} {name}" if "(*)" not in parameter else parameter.replace("(*)", f"(*{name})")
        if name in written:
            value = f"(void *)(open_to_all + {len(checks)} * PAGE)"
            size = re.search(r"\[(.*)\]", written[name])
            checks.append(f"behind((char *){name}, {size[1] if size else f'sizeof *{name}'})")
        elif "(*" in parameter or "_fn_t" in parameter:
            value = "(void *)compare"
        elif "*" in parameter:
            value = "(void *)text" if re.search(r"\b(?:char|void|wchar_t)\b", parameter) else "(void *)zeros"
        else:
            value = "16" if "size_t" in parameter else "2"
        names.append(name)
        declared.append(f"    {parameter} = {value};")
    return "\n".join([
        f"static int call_{one.name}(void)", "{", *declared,
        f'    {head}(*f)({rest} = dlsym(RTLD_DEFAULT, "{one.name}");'.replace(f"{one.name}(", "("),
        "    if (f == NULL) return 3;", "    keep();", f"    f({', '.join(names)});",
        "    if (changed()) return 1;", f"    return {' || '.join(checks) or '0'} ? 2 : 0;", "}",
    ])  # fmt: skip


def _parameters(text: str) -> list[str]:
    """What stands between commas, but not between those of a function's own parameters."""
    found, depth = [""], 0
    for letter in text:
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "," and depth == 0:
            found.append("")
        else:
            found[-1] += letter
    return [one.strip() for one in found if one.strip() not in ("", "void")]


_TYPES = {"char", "int", "long", "short", "unsigned", "double", "float", "void", "const"}


def _named(parameter: str) -> str:
    words = re.findall(r"\w+", parameter)
    last = words[-1]
    named = re.search(r"(?:\s|\*)(\w+)$", parameter)
    if not named or last in _TYPES or last.endswith("_t") or "(*" in parameter:
        return ""
    return last if parameter.endswith(f"*{last}") or (len(words) > 1 and words[-2] != "struct") else ""
