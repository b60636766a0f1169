"""What is equal in what two executions say of a bug.

Numbers and names that the system gives out (of processes, threads, descriptors, ports, objects, temporary files) are
others in the next process, and the bug is the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

DIFFERS = "<what differs with another secret>"
"""In a message, in place of what the code under test says of a secret."""
PASSES = "<what differs each time>"
"""For what is another one with the same secret as well."""

_MARKS = re.compile(f"{re.escape(DIFFERS)}|{re.escape(PASSES)}")
_MARK = "\0"
_PASSING = re.compile(
    r"0x[0-9a-fA-F]{4,}"  # an address
    r"|(?<=redactfuzz-)[a-z0-9_]{8}|\btmp[a-z0-9_]{8}\b"  # a folder or file for the time being
    r"|\d{5,}"  # the number of a thread or process, a time
)
_TEMPORARY = re.compile(r"(?:/tmp/|redactfuzz-)[^\s'\"]*")
_DRAWN = re.compile(r"[a-z0-9_]{8}(?![a-z0-9_])")
"""In the name of a temporary file, whatever stands before it."""
_NUMBERS = re.compile(r"0x[0-9a-fA-F]+|(?<![0-9A-Za-z_])[0-9a-f]{8,}(?![0-9A-Za-z_])|\d+")


def alike(known: str, said: str) -> bool:
    """Whether the two say the same but for what is hardly anything else than another in each process.

    ``known`` may be a text with marks, which holds only the part that does not differ.
    """
    return _is_same(_lasting(known), _lasting(said))


def alike_but_for_numbers(known: str, said: str) -> bool:
    """The same of two exceptions of one type, whatever numbers are in their texts: for two of the same place."""
    (one, _, known), (other, _, said) = known.partition(": "), said.partition(": ")
    return alike(one, other) and _is_same(_without_numbers(known), _without_numbers(said))


def lasting(message: str, *, numbers: bool) -> str:
    """A message without what is another in each execution; ``numbers``: with them, where they are a few digits."""
    kind, colon, text = message.partition(": ")
    short = _lasting(message) if numbers else f"{_lasting(kind)}{colon}{_without_numbers(text)}"
    return short.replace(_MARK, "...")


def common(text: str, others: Sequence[str], again: Sequence[str] = ()) -> str:
    """What is equal at both ends of ``text`` and its like with other secrets, with a mark between.

    All of it where nothing differs. ``again``: its like with the same secret, which shows why it differs.
    """
    if all(other == text for other in others):
        return text
    first, last = _ends(text, others)
    passes = False
    if again:
        (before, behind), (begin, end) = _ends(text, again, whole=True), _ends(text, others, whole=True)
        passes = before <= begin and behind <= end and any(other != text for other in again)
    return f"{text[:first]}{PASSES if passes else DIFFERS}{text[len(text) - last :]}"


def _ends(text: str, others: Sequence[str], *, whole: bool = False) -> tuple[int, int]:
    """Characters that all begin with, and end in. A word with digits is not cut: a part of it says nothing.

    ``whole``: no word is, for two that are drawn have characters in common by chance.
    """
    texts = [text, *others]
    first = _equal(texts)
    last = _equal([one[first:][::-1] for one in texts])
    begin, end = text[:first], text[len(text) - last :]
    inner = [one[first : len(one) - last] for one in texts]
    if any(_is_in_word(one[:1]) for one in inner):
        first -= _cut(_word(reversed(begin)), whole=whole)
    if any(_is_in_word(one[-1:]) for one in inner):
        last -= _cut(_word(end), whole=whole)
    return first, last


def _equal(texts: Sequence[str]) -> int:
    """Characters that all of them begin with."""
    columns = enumerate(zip(*texts, strict=False))
    return next((at for at, column in columns if len(set(column)) > 1), min(map(len, texts)))


def _is_in_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _word(text: Iterable[str]) -> str:
    """The word that it begins with."""
    word = ""
    for character in text:
        if not _is_in_word(character):
            break
        word += character
    return word


def _cut(word: str, *, whole: bool) -> int:
    """How much of the beginning or end of a word is left out."""
    return len(word) if whole or any(map(str.isdigit, word)) else 0


def _marked(message: str) -> str:
    """With one character for each mark, and without what is left of a word beside it."""
    first, *parts = _MARKS.split(message)
    whole = first
    for part in parts:
        whole = whole[: len(whole) - len(_word(reversed(whole)))] + _MARK + part[len(_word(part)) :]
    return whole


def _lasting(message: str) -> str:
    return _PASSING.sub("...", _marked(message))


def _without_numbers(text: str) -> str:
    text = _TEMPORARY.sub(lambda path: _DRAWN.sub("...", path[0]), _lasting(text))
    return _NUMBERS.sub("...", text)


def _is_same(known: str, said: str) -> bool:
    if known == said or _MARK not in known:
        return known == said
    return re.fullmatch(".*".join(map(re.escape, known.split(_MARK))), said, re.DOTALL) is not None
