"""First version, in Python: whole secrets in a few encodings."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

from redactfuzz.model.canary import Canary
from redactfuzz.model.outcome import Dump, Inspection, Leak


@attrs.frozen
class Inspector:
    """Searches the dumps of one execution; see ``model.plan.Inspect``."""

    seed: int

    def __call__(
        self, dumps: Sequence[Dump], canaries: Mapping[str, Canary], witnesses: Mapping[str, str], number: int
    ) -> Inspection:
        """Look for every canary and witness in every dump."""
        leaks: list[Leak] = []
        shown: set[str] = set()
        missing: set[str] = set()
        unreadable: list[str] = []
        total = 0
        for dump in dumps:
            data: Any = dump.data
            try:
                if isinstance(data, (bytes, bytearray, memoryview)):
                    text = bytes(data)
                elif isinstance(data, str):
                    text = data.encode("utf-8", "surrogatepass")
                elif isinstance(data, os.PathLike):
                    text = Path(data).read_bytes()
                else:
                    text = json.dumps(data, ensure_ascii=False).encode("utf-8", "surrogatepass")
            except (OSError, TypeError, ValueError) as error:
                unreadable.append(f"{dump.name}: {type(error).__name__}")
                continue
            total += len(text)
            for name, canary in canaries.items():
                clear = canary.bytes
                forms = {
                    "utf-8": clear,
                    "decimal": str(canary.int).encode(),
                    "hexadecimal": clear.hex().encode(),
                    "base64": base64.b64encode(clear),
                }
                for encoding, form in forms.items():
                    at = text.find(form)
                    if at >= 0:
                        shown.add(name)
                        if name not in dump.allowed:
                            bits = canary.bits
                            leaks.append(
                                Leak(name, encoding, at, len(form), dump.name, canary.hash_prefix, "", bits, bits)
                            )
            missing.update(name for name, witness in witnesses.items() if witness.encode() not in text)
        return Inspection(tuple(leaks), frozenset(shown), tuple(sorted(missing)), (), tuple(unreadable), total)
