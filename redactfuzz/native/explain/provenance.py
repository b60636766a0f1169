"""The past of leaked bytes in words: where they lie, who wrote them, what led there, and when the redactor ran.

Steps are named by the numbers that the table of the interleaving shows, where the granularity has a step for them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import attrs

from redactfuzz.model.outcome import RESIDUE, Leak
from redactfuzz.native.drive.events import Block, Origin, Pointer, RawSighting, Writer
from redactfuzz.native.drive.numbers import Where
from redactfuzz.native.explain.sites import Sites
from redactfuzz.schedule.engine import Act, Record

_CHILD = "core of child "
_COMPILED = ("stack of ", "registers of ")
"""Where the compiler keeps what it likes."""
_WRITTEN = "last written"
NAME_OF = "the name of "
"""Of the dump that the name of a file is."""
_LEADING = 2
"""Words that lead to a leaked byte, reported of each."""


def has_no_writer(leak: Leak) -> bool:
    """Whether it lies in a register or on a stack, and no store of the program is known that put it there."""
    lies = leak.place or leak.where
    return leak.residue or (lies.startswith(_COMPILED) and _WRITTEN not in leak.where)


@attrs.frozen
class Past:
    """What is known about one execution: names of its threads, its steps (none: not recorded), its redactor."""

    sites: Sites
    thread: Callable[[int], str]
    records: Sequence[Record] = ()
    redactors: frozenset[int] = frozenset()
    """Where they begin."""
    calls: int = 0
    """Of the redactor."""
    traced: bool = False
    """The driver reports who wrote."""

    def of(self, hit: RawSighting) -> str:
        """Where a leaked byte lies, and all that is known of its past."""
        if hit.struck is not None:
            name, at = self._name(hit.struck), self._at(hit.struck)
            return f"{self._lies(hit)}: registers of '{name}' when it was struck {at}"
        parts = [self._lies(hit)]
        writer, earlier = self._writer(hit)
        if writer:
            parts.append(self._written(hit, writer, earlier))
        parts += [f"its address is in {self._word(word)}" for word in hit.pointers[:_LEADING]]
        if self.redactors and writer and hit.where is not Where.FILE:
            parts.append(self._redacted(writer))
        return "; ".join(part for part in parts if part)

    def place(self, hit: RawSighting) -> str:
        """What distinguishes one leak from another: where it was written last, else where it lies."""
        if not self.traced:
            return ""
        if hit.residue:
            return RESIDUE
        writer = self._writer(hit)[0]
        place = self.sites.place(writer.site) if writer else None
        if place is None or not place.file:
            return self._lies(hit)
        return f"{place} in {place.function}"

    def _writer(self, hit: RawSighting) -> tuple[Writer | None, Writer | None]:
        """Who wrote it last, and before that: a store that was announced and not carried out is to come."""
        announced = hit.writer is not None and self._is_to_come(hit.writer)
        return (hit.overwrote, None) if announced else (hit.writer, hit.overwrote)

    def at(self, site: int) -> str:
        """A place, for a sentence."""
        place = self.sites.place(site)
        return str(place) if place.file else "a place outside of the program"

    def block(self, block: Block) -> str:
        """A block of the heap."""
        by, freed_by = self.thread(block.allocated_by), self.thread(block.freed_by)
        text = f"heap block of {block.size} bytes allocated at {self.at(block.allocated_at)} by '{by}'"
        return text + (f", freed at {self.at(block.freed_at)} by '{freed_by}'" if block.freed_at else "")

    def object(self, offset: int) -> str:
        """Static memory."""
        name = self.sites.variable(offset)
        return f"global variable {name}" if name else "global variables"

    def _lies(self, hit: RawSighting) -> str:
        owner = self.thread(hit.thread)
        match hit.where:
            case Where.HEAP if hit.block is not None:
                return self.block(hit.block)
            case Where.GLOBALS:
                return self.object(hit.object or 0)
            case Where.STACK:
                return f"stack of '{owner}'"
            case Where.REGISTERS:
                return f"registers of '{owner}'"
            case Where.NOTES:
                return "a note of the core: the name of the process, or of a file that it has mapped"
            case Where.LIBRARY:
                return "memory that the C library keeps for itself"
            case Where.START:
                return "arguments and environment"
            case Where.MAPPING:
                return f"memory mapped {self._by(hit.mapped)}" if hit.mapped is not None else "mapped memory"
            case Where.FILE:
                return "in its name" if hit.dump.startswith(NAME_OF) else "in the file"
            case other:
                return other.name.lower()

    def _written(self, hit: RawSighting, writer: Writer, earlier: Writer | None) -> str:
        parent = " in the parent" if hit.dump.startswith(_CHILD) else ""
        text = f"{_WRITTEN}{parent} {self._by(writer)}"
        if earlier and self._in_redactor(earlier) and not self._in_redactor(writer):
            text += f", after the redactor had written there {self._at(earlier)}"
        return text

    def _word(self, word: Pointer) -> str:
        if word.object is not None:
            where = self.object(word.object)
        else:
            where = f"a {self.block(word.block)}" if word.block is not None else "mapped memory"
        return f"{where}, stored {self._by(word)}"

    def _redacted(self, writer: Writer) -> str:
        """When the redactor ran, seen from the last write."""
        if not self.calls:
            return "the redactor was not called"
        ran = [
            index + 1
            for index, record in enumerate(self.records)
            if record.action is Act.STEP and self._begins(record.site) in self.redactors
        ]
        if ran:
            span = f"step {ran[0]}" if ran[0] == ran[-1] else f"steps {ran[0]} to {ran[-1]}"
            return f"the redactor ran in {span}"
        if self._in_redactor(writer):
            return ""
        return "the redactor was called later" if not writer.redactions else "the redactor had been called before"

    def _is_to_come(self, writer: Writer) -> bool:
        """Whether a thread is parked before a store that was noted when it was announced."""
        after = self.records[writer.step :]
        at = (writer.thread, writer.site)
        return writer.stands and not any((r.thread, r.site) == at and r.action is Act.STEP for r in after)

    def _by(self, who: Origin) -> str:
        return f"{self._at(who)} by '{self._name(who)}'{self._step(who)}"

    def _at(self, who: Origin) -> str:
        return f"at {self.at(who.site)}"

    def _name(self, who: Origin) -> str:
        return self.thread(who.thread)

    def _step(self, who: Origin) -> str:
        for index in range(len(self.records) - 1, -1, -1):
            if (self.records[index].site, self.records[index].thread) == (who.site, who.thread):
                return f" (step {index + 1})"
        return ""

    def _in_redactor(self, who: Origin) -> bool:
        return self._begins(who.site) in self.redactors

    def _begins(self, site: int) -> int:
        function = self.sites.function(site - 1)
        return function.start if function is not None else -1
