"""Stages and limits in the form of the exploration core, and the memory that it needs for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from redactfuzz._core._engine import ffi, lib
from redactfuzz.model.plan import Stage
from redactfuzz.model.schedule import Granularity

GRANULARITIES = tuple(Granularity)
"""By the numbers that they have in the core."""


def sized(stages: Sequence[Stage], threads: int, steps: int, frontier: int, replay: int) -> tuple[Any, Any, int]:
    """(stages, limits, bytes of the block that they need), as the core takes them. Raises ``ValueError``."""
    raw = ffi.new("rf_stage[]", [raw_stage(stage) for stage in stages])
    limits = ffi.new("rf_limits *", {"threads": threads, "steps": steps, "frontier": frontier, "replay": replay})
    size = int(lib.rf_size(raw, len(stages), limits))
    if size == 0:
        raise ValueError(
            f"exploration core: a stage or a limit makes no sense (threads={threads}, steps={steps}, "
            f"stages={list(stages)}). Threads: 1 to 65535; steps: 1 to 268435455; each share at least 1; "
            "`after` names another stage; no bound is negative."
        )
    return raw, limits, size


def raw_stage(stage: Stage) -> dict[str, int]:
    """The fields of an ``rf_stage``."""
    same = (
        *("first", "depth", "after", "share", "bound", "strike", "start", "limit"),
        *("beside", "proof", "follows", "pairs", "asks"),
        *("part", "parts", "pieces"),
    )
    return {
        "policy": int(stage.policy),
        "granularity": GRANULARITIES.index(stage.granularity),
        **{name: int(getattr(stage, name)) for name in same},
    }
