"""Witnesses: planted data that must survive redaction, in whatever form the dump writes it."""

from __future__ import annotations

import base64
import html
import json
import urllib.parse
from collections.abc import Sequence

from redactfuzz.scan.layers import Layer


def survives(witness: str, seen: Sequence[Layer]) -> bool:
    """Whether the witness is in one of the layers, as it is or encoded."""
    clear = witness.encode("utf-8", "surrogatepass")
    seen = [layer for layer in seen if not layer.dense]
    if any(layer.data.find(clear) >= 0 for layer in seen):
        return True
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
    return any(layer.data.find(form) >= 0 for form in encoded for layer in seen)
