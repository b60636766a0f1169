"""What one schedule leaves in memory and files with these values of the secrets, and with those: byte for byte.

Images lie at fixed addresses, so that two of them are compared place by place. They hold secrets, and show none.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import attrs

from redactfuzz.model.plan import Plan, Policy, Stage
from redactfuzz.native._plan import ffi, lib
from redactfuzz.native.compile.compiler import BuildError
from redactfuzz.native.drive.control_block import DriverConfig
from redactfuzz.native.drive.driver import DriverError, Ending
from redactfuzz.native.drive.events import Asked, Ended
from redactfuzz.native.drive.numbers import Where
from redactfuzz.native.drive.vault import Delivery, Sources
from redactfuzz.native.explain.describe import names_in, raw_deviations
from redactfuzz.native.explain.names import numbered
from redactfuzz.native.explain.provenance import NAME_OF
from redactfuzz.native.run.batch import DriverBatch, Reported
from redactfuzz.native.run.ready import Ready

ASKED = int(lib.RFN_ASKED)
"""Places at most that one execution reports."""
_TRIES = 3
"""Runs until the threads have the numbers that a schedule's names were taken for."""


@attrs.frozen
class Span:
    """Where a part of an image lies: the number of ``rfn_where``, the thread that owns it, the file or the child."""

    where: int
    thread: int
    file: str

    @property
    def is_memory(self) -> bool:
        """Whether its addresses are those of a core."""
        return not (self.is_file or self.is_registers)

    @property
    def is_file(self) -> bool:
        """What the program has written."""
        return self.where == Where.FILE

    @property
    def is_registers(self) -> bool:
        """Of one thread."""
        return self.where == Where.REGISTERS


@attrs.frozen(repr=False)
class Part:
    """Bytes that lie together, the first at ``address``."""

    span: Span
    address: int
    data: bytes
    allowed: frozenset[str] = frozenset()
    """Canaries that may be there."""

    @property
    def end(self) -> int:
        """The address behind the last."""
        return self.address + len(self.data)


@attrs.frozen(repr=False)
class Picture:
    """One execution, and what its dumps hold."""

    executed: Reported
    parts: tuple[Part, ...]


def aligned(picture: Picture, base: Picture) -> Picture:
    """With the files called as in another picture of the same schedule, where names follow from the values."""
    instead = renamed(_files(picture), _files(base))
    if not instead:
        return picture
    parts = (attrs.evolve(part, span=attrs.evolve(part.span, file=instead(part.span.file))) for part in picture.parts)
    return attrs.evolve(picture, parts=tuple(parts))


def renamed(names: Iterable[str], base: Iterable[str]) -> Callable[[str], str] | None:
    """What gives a dump the name that it has there, where the files of both, in their order, are called otherwise."""
    ours, theirs = (list(dict.fromkeys(one.removeprefix(NAME_OF) for one in some)) for some in (names, base))
    if ours == theirs or len(ours) != len(theirs):
        return None
    known = dict(zip(ours, theirs, strict=True))

    def instead(name: str) -> str:
        bare = name.removeprefix(NAME_OF)
        return name.replace(bare, known[bare]) if bare in known else name

    return instead


def _files(picture: Picture) -> Iterator[str]:
    return (part.span.file for part in picture.parts if part.span.is_file)


class Camera:
    """A driver that runs one schedule again and again, each time with values that are said. Raises DriverError."""

    def __init__(
        self,
        built: Ready,
        plan: Plan,
        deliveries: Sequence[Delivery],
        sources: Sources,
        config: DriverConfig,
        threads: Mapping[int, str],
    ) -> None:
        """``threads``: the numbers that the schedule's threads probably have."""
        assert plan.schedule is not None
        self.schedule = plan.schedule
        self.forked = config.forked
        self._sites = built.sites
        self._threads = threads
        self._hang = plan.hang_seconds
        self.canaries = {each.canary.name: each.canary for each in deliveries}
        self.values = {each.canary.name: _bytes_of(each) for each in deliveries}
        try:
            self._file = os.memfd_create("redactfuzz-image")
        except OSError as error:
            raise BuildError(f"no image of an execution can be kept ({error.strerror}).") from None
        os.ftruncate(self._file, ffi.sizeof("rfn_image"))
        stages = (Stage(Policy.REPLAY, plan.schedule.granularity),)
        config = attrs.evolve(config, image=self._file)
        try:
            self._run = DriverBatch(built, plan, stages, deliveries, sources, config)
        except BaseException:
            os.close(self._file)
            raise

    def take(self, values: Mapping[str, bytes], *, chance: int = 0, asked: Sequence[Part] = ()) -> Picture | None:
        """One execution with these values of canaries (by name), the others as they are; None when nothing came of it.

        ``chance``: another number gives other random numbers. ``asked``: what to report on, of which only the place
        counts; see ``places``.
        """
        run, wanted = self._run, names_in(self.schedule)
        for name, value in {**self.values, **values}.items():
            run.vault.put(name, value)
        run.control_block.draw(chance)
        self._ask(asked)
        executed = None
        for _ in range(_TRIES):
            numbers = numbered(self._threads, wanted)
            raw, _ = raw_deviations(self.schedule, self._sites, numbers)
            run.engine.replay(raw)
            run.control_block.strikes(self.schedule.child, self.schedule.moment)
            executed = self._next()
            if executed is None:
                return None
            self._threads = executed.threads
            if numbered(self._threads, wanted) == numbers:
                break
        assert executed is not None
        return Picture(executed, tuple(self._parts()))

    @property
    def ended(self) -> bool:
        """Whether its driver died: another camera must go on."""
        return self._run.driver is not None and self._run.driver.ending is not None

    def close(self) -> None:
        """Ends the driver."""
        self._run.close()
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def __enter__(self) -> Camera:
        return self

    def __exit__(self, *ended: object) -> None:
        self.close()

    def _next(self) -> Reported | None:
        run = self._run
        if run.driver is None:
            run.start(also=(self._file,))
        elif self.ended:
            return None
        else:
            run.driver.go()
        for event in run.events(self._hang):
            match event:
                case Reported():
                    return event
                case Ending():
                    return None
                case Ended() | Asked() | None:
                    continue
        return None

    def _ask(self, asked: Sequence[Part]) -> None:
        head: Any = ffi.new("rfn_image *")
        head.asked = min(len(asked), ASKED)
        for index, part in enumerate(asked[:ASKED]):
            raw = head.place[index]
            raw.address, raw.size = part.address, len(part.data)
            # Whose it is may not be known: the address alone says where it lies then.
            raw.where, raw.thread, raw.file = max(0, part.span.where), part.span.thread, _name(part.span.file)
        os.pwrite(self._file, bytes(ffi.buffer(head)), 0)

    def _parts(self) -> Iterator[Part]:
        """What the driver has written. Where a place comes twice, it is the same memory."""
        head, step = ffi.sizeof("rfn_image"), ffi.sizeof("rfn_image_part")
        data, names = _read(self._file), self._run.vault.names
        whole = int(ffi.cast("rfn_image *", ffi.from_buffer(data)).size)
        if not head <= whole == len(data):
            raise DriverError("the image of an execution is not whole")
        at = head
        while at + step <= whole:
            raw: Any = ffi.cast("rfn_image_part *", ffi.from_buffer(data) + at)
            at += step
            size = int(raw.size)
            name = ffi.string(raw.file).decode("utf-8", "surrogateescape")
            span = Span(int(raw.where), int(raw.thread), name)
            allowed = frozenset(one for index, one in enumerate(names) if int(raw.allowed) >> index & 1)
            yield Part(span, int(raw.address), data[at : at + size], allowed)
            at += size


def _read(file: int) -> bytes:
    size = os.fstat(file).st_size
    data = bytearray()
    while len(data) < size:
        more = os.pread(file, size - len(data), len(data))
        if not more:
            break
        data += more
    return bytes(data)


def _bytes_of(delivery: Delivery) -> bytes:
    room = bytearray(delivery.canary.size)
    delivery.canary.write_into(room)
    return bytes(room)


def _name(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")[:127]
