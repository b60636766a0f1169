"""Names that somebody else chose: one of a dump's may have megabytes, and stand at each place."""

from __future__ import annotations

LONGEST = 4096
"""Characters of a name that is kept: the PATH_MAX of Linux, beyond which nobody opens a file by it."""
SHOWN = 600
"""Characters of any name, or of a sentence with one, that are shown."""
_END = 200
"""Of these the last ones, where the name of a file ends."""


def bearable(name: str) -> str:
    """A name as it is kept: of one that no file has only how long it is.

    A part of it would not do: it may end within a secret, which is then not recognised where names are masked.
    """
    return name if len(name) <= LONGEST else f"(a name of {len(name):,} characters)"


def shortened(text: str, keep: int = 0) -> str:
    """``text`` with how much was left out in its middle, where it is longer than SHOWN; not of its first ``keep``
    characters. It must have been masked before: what is cut off of a secret would hide the rest of it.
    """
    head, rest = text[:keep], text[keep:]
    if len(rest) <= SHOWN:
        return text
    mark = f"[... {len(rest):,} characters ...]"
    return f"{head}{rest[: SHOWN - _END - len(mark)]}{mark}{rest[-_END:]}"
