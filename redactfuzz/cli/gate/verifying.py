"""``redactfuzz gate --verify``: whether a receipt is of this dump, and of this key."""

from __future__ import annotations

from pathlib import Path

import click

from redactfuzz.gate.receipt import ReceiptError, UnusableReceiptKey, verified
from redactfuzz.report.lines import printable


def run(receipt: Path, dump: Path, key: Path | None) -> int:
    """Tells what the receipt says. The status is 0 where it holds, and the dump was released."""
    if key is None:
        raise click.UsageError("--verify needs --receipt-key FILE: a receipt that brings its own key proves nothing.")
    try:
        said = verified(receipt, dump, key)
    except UnusableReceiptKey as error:
        raise click.UsageError(f"--receipt-key {error}") from None
    except ReceiptError as error:
        print(printable(f"NOT VERIFIED  {error}"))
        return 1
    released = said["outlet"] == "released"
    print(printable(f"{'VERIFIED' if released else 'NOT RELEASED'}  {dump}: {said['verdict']}, by {said['scanner']}"))
    print(printable(f"  rules: {said['rules']}"))
    for kind in ("not_read", "found"):
        for line in said[kind]:
            print(printable(f"  {kind.replace('_', ' ')}: {line}"))
    return 0 if released else 1
