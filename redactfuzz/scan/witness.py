"""Witnesses: planted data that must survive redaction, in whatever form the dump writes it."""

from __future__ import annotations

import base64
import json
import urllib.parse
from collections.abc import Callable, Sequence


def survives(witness: str, finds: Sequence[Callable[[bytes], int]]) -> bool:
    """Whether the witness is found, as it is or encoded, by one of the functions, each a ``find`` of some bytes."""
    clear = witness.encode("utf-8", "surrogatepass")
    if any(find(clear) >= 0 for find in finds):
        return True
    import html  # half a megabyte, which is in every core of a campaign

    encoded = (
        witness.encode("utf-16-le", "surrogatepass"),
        witness.encode("utf-16-be", "surrogatepass"),
        witness.encode("utf-32-le", "surrogatepass"),
        json.dumps(witness)[1:-1].encode(),
        html.escape(witness).encode("utf-8", "surrogatepass"),
        urllib.parse.quote(clear).encode(),
        urllib.parse.quote_plus(clear).encode(),
        clear.hex().encode(),
        base64.b64encode(clear),
    )
    return any(find(form) >= 0 for form in encoded for find in finds)
