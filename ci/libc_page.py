"""Writes docs/reference/libc.md from the table of library functions (redactfuzz/native/libc)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from redactfuzz.native.compile.table import LibraryFunction, Treated, groups, questions

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "libc.md"

WORDS = {
    Treated.MODELLED: "modelled",
    Treated.PASSES: "modelled",
    Treated.GIVES: "modelled",
    Treated.HARMLESS: "harmless",
    Treated.CONFINED: "runs forked",
    Treated.FAILS: "refused",
    Treated.STARTS_NOTHING: "refused",
    Treated.OPAQUE: "opaque",
    Treated.NOT_CARRIED_OUT: "rules out a pass",
}
EFFECTS = {
    "modelled": "redactfuzz has a function of its own in its place, or calls libc's and notes what it reads and writes:"
    " what it does is explored, seen, searched and put back",
    "harmless": "libc's own, as it is: it leaves nothing behind that another execution could see",
    "runs forked": "libc's own, in a process for each execution, whose memory is searched as a whole. It writes no"
    " file, talks to nobody, and takes no descriptor, stream or path of the program's. It rules out PROVED, but no"
    " other pass",
    "opaque": "libc's own, as it is and forked as well, but nobody vouches for it. It rules out PROVED. So does every"
    " function of another library that is not compiled with the program",
    "refused": "it is not carried out, and fails: with ENOSYS, or with EAGAIN where it would start a program. What the"
    " program does then is explored, the verdict names the call, and it rules out a pass",
    "rules out a pass": "libc's own, as it is: its files, streams and processes are real, and not searched. So is every"
    " function of the C library that is not on this page, by its name",
}
_HEAD = """\
# The C library

<!-- Made from redactfuzz/native/libc by ci/libc_page.py; a test holds them equal. -->

What redactfuzz does where a program in C or C++ calls a function of a library, by the header that declares it. Why it
is so: [native.md](../native.md#the-c-library).
"""
_HOW_TO_READ = """\
*Waits for*: the thread is parked until that has come; all others go on, in any order. Those with a deadline may also
end by it. A stream waits for its lock, and a descriptor for bytes or room where it is a pipe, a socket or an eventfd.
Everything that is modelled, and touches what threads share, is a scheduling point.
"""


def page() -> str:
    """The text, as the table has it now."""
    parts = [_HEAD, *_kinds(), "", _HOW_TO_READ]
    for header in sorted({header for group in groups() for header in group.functions}, key=_order):
        parts += [f"## {_title(header)}", "", "| how | what they do | functions |", "|---|---|---|", *_rows(header), ""]
    parts += ["## By the form of their names", "", "Regular expressions, for names of which there are many.", ""]
    parts += ["| how | what they do | names |", "|---|---|---|", *_families(), ""]
    parts += ["## What is the same in each execution", ""]
    parts += [
        "These ask the machine, the user or the library. The answer is the same in each execution, and may be another"
    ]
    parts += ["elsewhere: the certificate says which of them a program asks.", ""]
    parts += ["| what is asked | functions |", "|---|---|", *_questions()]
    return "\n".join(parts) + "\n"


def _kinds() -> Iterator[str]:
    yield "| how | what it means | names |"
    yield "|---|---|---|"
    for word, effect in EFFECTS.items():
        count = sum(len(one.names) for group in groups() if WORDS[group.treated] == word for one in group)
        yield f"| **{word}** | {effect} | {count} |"


def _rows(header: str) -> Iterator[str]:
    words = list(EFFECTS)
    rows = [(WORDS[group.treated], group) for group in groups() if header in group.functions]
    for word, group in sorted(rows, key=lambda row: words.index(row[0])):
        yield f"| {word} | {_cell(group.sense)} | {_shown(group.functions[header])} |"


def _shown(rows: Sequence[LibraryFunction]) -> str:
    """Names, together by what they wait for."""
    parts = []
    for waits in dict.fromkeys(one.waits for one in sorted(rows, key=lambda one: one.waits != "")):
        names = [
            f"`{name}`" for one in rows if one.waits == waits for name in ([one.named] if one.named else one.names)
        ]
        parts.append(f"{', '.join(names)} (*waits for {waits}*)" if waits else ", ".join(names))
    return "; ".join(parts)


def _families() -> Iterator[str]:
    for group in groups():
        if group.families:
            names = ", ".join(f"`{_cell(family)}`" for family in group.families)
            yield f"| {WORDS[group.treated]} | {_cell(group.sense)} | {names} |"


def _questions() -> Iterator[str]:
    for key, what in questions().items():
        asking = [one for group in groups() for one in group if one.asks == key]
        yield f"| {what} | {', '.join(f'`{one.named or one.name}`' for one in asking)} |"


def _order(header: str) -> tuple[bool, str]:
    return (header.startswith("("), header)


def _title(header: str) -> str:
    return {"(C++)": "The C++ library", "(compilers)": "What compilers call"}.get(header, f"`<{header}>`")


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;") if "`" not in text else text


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(), "utf-8")
