"""Mutated repro files and registries: whether one of them makes anything run, or ends in anything but a refusal."""

from __future__ import annotations

import contextlib
import io
import os
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path

from click import UsageError
from shared import record

from redactfuzz.campaign.files.agreed import beyond
from redactfuzz.cli.found import found
from redactfuzz.model.canary import raw, token
from redactfuzz.model.registry import Entry, Registry, UnusableRegistry, registry_from_json, registry_to_json
from redactfuzz.model.repro import dumps

sys.path.insert(0, str(record.ROOT / "tests" / "unit" / "campaign"))
from mutations import mutated
from strangers import PROGRAM, SCENARIO

FILES = 10_000
"""Of each kind."""


def repro_files() -> Counter[str]:
    """What came of each, in an empty folder with the code that the originals name."""
    rng, told = random.Random(1), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        code = {Path(folder).resolve() / name for name in ("scenario.py", "program.c")}
        for path in code:
            path.write_text("this must not run")
        before = sorted(Path(folder).iterdir())
        originals = [dumps(SCENARIO), dumps(PROGRAM)]
        path = Path(folder, "theirs.rfz.json")
        for _ in range(FILES):
            path.write_bytes(mutated(rng.choice(originals), rng))
            try:
                with contextlib.redirect_stderr(io.StringIO()):
                    repro, where = found(path, trust=False)
            except UsageError:
                told["refused"] += 1
            except Exception as error:
                told[f"traceback: {type(error).__name__}"] += 1
            else:
                inside = where in code and not beyond(repro)
                told["would run the reader's own code" if inside else "WOULD RUN SOMETHING ELSE"] += 1
        path.unlink()
        told["files written"] = len(set(Path(folder).iterdir()) - set(before))
        os.chdir(record.ROOT)
    return told


def registries() -> Counter[str]:
    """The same of registries."""
    rng, told = random.Random(2), Counter[str]()
    original = registry_to_json(Registry(7, (Entry("a", token()), Entry("b", raw(32), 3)), "marker"))
    for _ in range(FILES):
        try:
            registry_from_json(mutated(original, rng).decode("utf-8", "replace"))
        except UnusableRegistry:
            told["refused"] += 1
        except Exception as error:
            told[f"traceback: {type(error).__name__}"] += 1
        else:
            told["read"] += 1
    return told


def main() -> None:
    """Two tables."""
    parts, data = [], {}
    for what, told in (("repro files", repro_files()), ("registries", registries())):
        parts.append(f"{FILES:,} mutated {what} (one to three changes of values, fields or bytes):")
        parts.append(record.table(("what came of it", "files"), sorted(told.items())))
        data[what] = dict(told)
    record.save("strangers_files", "Files of strangers", "\n\n".join(parts), data)


if __name__ == "__main__":
    main()
