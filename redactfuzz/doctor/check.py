"""What a probe comes to: one line of ``redactfuzz doctor``."""

from __future__ import annotations

import enum

import attrs


class State(enum.StrEnum):
    """How well a machine does in one respect."""

    OK = "ok"
    LIMITED = "limited"
    MISSING = "missing"


@attrs.frozen
class Check:
    """One thing of a machine. What is not ok says what follows from it, and how it is mended."""

    name: str
    state: State
    found: str
    """What there is, as a short phrase."""
    means: str = ""
    """Which feature does not work, or works less well. Of what is ok: a remark, or nothing."""
    mend: str = ""
    """One command, or where there is none one act. Of what is ok: empty."""
    needed: bool = False
    """Scenarios in Python cannot do without it."""

    def __attrs_post_init__(self) -> None:
        """Raises ValueError where something is wrong and nobody is told what to do."""
        if self.state is not State.OK and not (self.means and self.mend):
            raise ValueError(f"{self.name} is {self.state} and does not say what follows, and how to mend it")

    @property
    def stops(self) -> bool:
        """Whether scenarios in Python cannot run for it."""
        return self.needed and self.state is State.MISSING
