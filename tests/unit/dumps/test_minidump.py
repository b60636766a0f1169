"""Minidumps: places by stream, register, stack, address and module; what is cut off or lies is said."""

from __future__ import annotations

import itertools
import logging
import random
import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from minidump.minidumpfile import MinidumpFile
from minidump_builder import (
    AMD64,
    ARM64,
    LINUX_ENVIRON,
    LINUX_MAPS,
    MEMORY,
    RAX,
    V0,
    X0,
    XMM0,
    Builder,
)

from redactfuzz.dumps.readers.image import Image, Layout, View
from redactfuzz.dumps.readers.minidump import Minidump

READER = Minidump()
MARK = b"sixteen bytes!!!"


def layout(data: bytes) -> Layout:
    return READER.layout(Image("x", data))


def views(data: bytes) -> list[View]:
    return list(READER.views(Image("x", data)))


def inner(data: bytes, mark: bytes = MARK) -> tuple[str, int | None, str, int | None]:
    """(what, address, mapping, thread) of the innermost span around the mark."""
    at = data.index(mark)
    around = [span for span in layout(data).spans if span.holds(at)]
    one = min(around, key=lambda span: span.end - span.start)
    address = next((span.address + at - span.start for span in around if span.address is not None), None)
    return one.what, address, next((span.mapping for span in around if span.mapping), ""), one.thread


def sample(processor: int = AMD64) -> Builder:
    made = Builder(processor)
    made.memory((0x7000, bytes(64) + b"in the heap     " + bytes(64)), (0x9000, bytes(100)))
    made.threads(
        (7, 0x5000, bytes(32) + b"on the stack    " + bytes(32), made.context()),
        (8, 0x6000, bytes(16), made.context(at_0x1a0=b"in a register   ")),
    )
    made.exception(7, made.context(at_0x78=b"rax."))
    made.modules((0x9000, 0x1000, "C:\\lib.dll"))
    made.stream(LINUX_ENVIRON, b"TOKEN=in the environment\0")
    made.system()
    return made


def test_a_whole_one_has_no_gaps_and_says_what_it_is() -> None:
    told = layout(sample().bytes())
    assert told.format == "minidump"
    assert told.gaps == ()
    assert told.notes == ("x86-64", "2 threads", "2 ranges of memory")


def test_memory_is_told_by_address() -> None:
    assert inner(sample().bytes(), b"in the heap") == ("memory at 0x7000", 0x7040, "", None)


def test_memory_of_a_module_is_told_by_its_file() -> None:
    made = Builder()
    made.memory((0x9100, bytes(8) + MARK))
    made.modules((0x9000, 0x1000, "C:\\lib.dll"), (0x20000, 0x1000, "other"))
    assert inner(made.bytes()) == ("memory at 0x9100", 0x9108, "C:\\lib.dll", None)


def test_without_a_list_of_modules_memory_is_told_by_address_all_the_same() -> None:
    made = Builder()
    made.memory64((0x9100, bytes(8)), (0x40000, bytes(8) + MARK))
    data = made.bytes()
    assert inner(data) == ("memory at 0x40000", 0x40008, "", None)
    assert layout(data).gaps == ()


def test_a_stack_is_told_by_its_thread() -> None:
    assert inner(sample().bytes(), b"on the stack") == ("stack of thread 7", 0x5020, "", 7)


@pytest.mark.parametrize(
    ("processor", "at", "name", "size"),
    [
        (AMD64, XMM0 + 16 * 15, "xmm15", 16),
        (AMD64, RAX, "rax", 8),
        (AMD64, 0xF8, "rip", 8),
        (ARM64, V0 + 16 * 31, "v31", 16),
        (ARM64, X0 + 8 * 30, "x30", 8),
        (ARM64, 0x108, "pc", 8),
    ],
)
def test_a_register_is_told_by_name_and_thread(processor: int, at: int, name: str, size: int) -> None:
    for in_exception in (False, True):
        made = Builder(processor)
        context = made.context(**{f"at_{at:#x}": MARK[:size]})
        if in_exception:
            made.exception(9, context)
        else:
            made.threads((9, 0x5000, bytes(8), context))
        made.system()
        assert inner(made.bytes(), MARK[:size]) == (f"register {name} of thread 9", None, "", 9)


def test_streams_are_told_by_name() -> None:
    made = sample()
    made.stream(LINUX_MAPS, b"7f00-7f01 r--p " + MARK)
    made.stream(0x12345, b"of a vendor     ")
    data = made.bytes()
    assert inner(data)[0] == "stream LinuxMaps"
    assert inner(data, b"in the environment")[0] == "stream LinuxEnviron"
    assert inner(data, b"of a vendor")[0] == "stream 0x12345"


def test_memory_that_is_adjacent_by_address_is_put_together() -> None:
    made = Builder()
    made.memory((0x2000, MARK[8:] + bytes(50)), (0x1000, bytes(0xFF8) + MARK[:8]))
    data = made.bytes()
    assert MARK not in data
    (view,) = views(data)
    together = view.read(Image("x", data))
    assert MARK in together
    at = together.index(MARK)
    assert data[view.origin(at) : view.origin(at) + 8] == MARK[:8]
    assert data[view.origin(at + 8) : view.origin(at + 8) + 8] == MARK[8:]


def test_memory_that_is_apart_is_not_put_together() -> None:
    made = Builder()
    made.memory((0x2001, MARK[8:] + bytes(50)), (0x1000, bytes(0xFF8) + MARK[:8]))
    assert views(made.bytes()) == []


def put_together(*ranges: tuple[int, bytes]) -> list[bytes]:
    made = Builder()
    made.memory(*ranges)
    data = made.bytes()
    return [view.read(Image("x", data)) for view in views(data)]


LOW, HIGH = bytes(0xFF8) + MARK[:8], MARK[8:] + bytes(0x800)
OVER_IT = {
    "within the first": (0x1200, bytes(0x100)),
    "within the first, to its end": (0x1FFC, MARK[4:8]),
    "within the second": (0x2000, MARK[8:12]),
    "over the border": (0x1FFC, MARK[4:12]),
    "over the border, masked": (0x1FFC, bytes(8)),
    "over the beginning": (0x0F00, bytes(0x200)),
    "the same as the first": (0x1000, LOW),
    "the same as the first, masked": (0x1000, bytes(0x1000)),
    "the same as the second, masked": (0x2000, bytes(len(HIGH))),
}


@pytest.mark.parametrize("over", OVER_IT)
def test_no_range_over_another_one_hides_where_two_are_adjacent_by_address(over: str) -> None:
    for where in range(3):
        ranges = [(0x2000, HIGH), (0x1000, LOW)]
        ranges.insert(where, OVER_IT[over])
        assert any(MARK in view for view in put_together(*ranges))


def test_ranges_that_overlap_are_adjacent_where_the_first_one_ends() -> None:
    assert any(MARK in view for view in put_together((0x1800, bytes(0x7FC) + MARK[4:]), (0x1000, LOW)))
    assert put_together((0x1000, LOW), (0x1200, bytes(0x100)), (0x2001, HIGH)) == []
    assert put_together((0x1000, LOW), (0x1000, LOW), (0x1000, LOW[:9])) == []


def test_each_border_is_told_once_and_as_much_is_read_as_lies_there_however_many_ranges_overlap() -> None:
    rng = random.Random(3)
    pages = [(0x1000 * (1 + at), rng.randbytes(0x1000)) for at in range(64)]
    inside = [(address + 0x10 * at, data[0x10 * at : 0x20 * at]) for at, (address, data) in enumerate(pages) if at]
    made = Builder()
    made.memory(*reversed(pages), *inside, *pages[::8])
    found = views(made.bytes())
    assert len({view.pieces for view in found}) == len(found)
    assert sum(end - start for view in found for start, end in view.pieces) < 3 * sum(len(data) for _, data in pages)


def test_of_ranges_over_the_same_bytes_no_more_is_put_together_than_so_many_times_the_file() -> None:
    made, count, each = Builder(), 300, 32 << 10
    at = made.put(random.Random(5).randbytes(each))
    ranges = b"".join(struct.pack("<QII", 0x10000 + index * each, each, at) for index in range(count))
    made.stream(MEMORY, struct.pack("<I", count) + ranges)
    data = made.bytes()
    read = sum(view.size for view in views(data))
    assert 0 < read <= 4 * len(data) < count * each // 2
    (gap,) = layout(data).gaps
    assert "not all of what is adjacent by address" in gap.reason


def test_a_padded_count_is_read() -> None:
    made = Builder()
    at = made.put(MARK)
    made.stream(MEMORY, struct.pack("<II", 1, 0) + struct.pack("<QII", 0x7000, len(MARK), at))
    assert inner(made.bytes()) == ("memory at 0x7000", 0x7000, "", None)


def test_cut_off_anywhere_it_says_so() -> None:
    for processor in (AMD64, ARM64):
        data = sample(processor).bytes()
        for cut in range(4, len(data), 64):
            told = layout(data[:cut])
            assert told.gaps, cut
            assert not any(gap.harmless for gap in told.gaps)
            assert all(0 <= span.start < span.end <= cut for span in told.spans)
            views(data[:cut])


def test_a_list_that_says_too_much_is_a_gap() -> None:
    made = Builder()
    made.stream(MEMORY, struct.pack("<I", 1_000_000) + struct.pack("<QII", 0x1000, 4, 40))
    (gap,) = layout(made.bytes()).gaps
    assert "1,000,000 entries" in gap.reason


def test_a_directory_past_the_end_is_a_gap() -> None:
    data = bytearray(sample().bytes())
    struct.pack_into("<I", data, 12, 1 << 30)
    (gap,) = layout(bytes(data)).gaps
    assert "the stream directory is cut off after 0" in gap.reason


def test_more_streams_or_ranges_than_are_named_is_a_gap() -> None:
    count = (1 << 16) + 5
    made = Builder()
    at = made.put(b"data")
    made.stream(MEMORY, struct.pack("<I", count) + struct.pack("<QII", 0x1000, 4, at) * count)
    told = layout(made.bytes())
    assert any("65,541" in gap.reason for gap in told.gaps)


def test_lists_that_are_named_again_or_overlap_are_read_as_far_as_the_file_has_room_for_lists() -> None:
    made, count, lists = Builder(room=400), 100, 399
    at = made.put(b"data")
    made.stream(MEMORY, struct.pack("<I", count) + struct.pack("<QII", 0x1000, 4, at) * count)
    made.streams += [(MEMORY, made.streams[0][1], made.streams[0][2])] * (lists - 1)
    data = made.bytes()
    told = layout(data)
    assert count < sum(span.what == "memory at 0x1000" for span in told.spans) <= len(data) // 16 < count * lists
    (gap,) = told.gaps
    assert "more than they have room for" in gap.reason


def test_as_many_ranges_as_modules_are_each_told_by_their_own() -> None:
    """With 50,000 of either, looking through all modules for each range would not come to its end."""
    made, count = Builder(), 50_000
    made.memory(*((index << 20, b"x") for index in range(count)))
    made.modules(*((index << 20, 4096, f"m{index}") for index in range(count)))
    told = layout(made.bytes())
    assert all(span.mapping == f"m{(span.address or 0) >> 20}" for span in told.spans if span.address is not None)
    assert sum(span.address is not None for span in told.spans) == count


def test_many_threads_are_named_and_the_registers_of_the_first() -> None:
    made = Builder()
    context = made.context()
    made.threads(*((number, 0x5000, b"s", context) for number in range(600)))
    made.system()
    whats = [span.what for span in layout(made.bytes()).spans]
    assert "registers of thread 599" in whats
    assert "register rax of thread 511" in whats
    assert "register rax of thread 512" not in whats


@given(st.data())
@settings(max_examples=250, deadline=None)
def test_whatever_happens_to_the_bytes_nothing_is_raised(draw: st.DataObject) -> None:
    data = bytearray(sample(draw.draw(st.sampled_from([AMD64, ARM64]))).bytes())
    source = random.Random(draw.draw(st.integers(0, 1 << 32)))
    for _ in range(source.randrange(1, 12)):
        at = source.randrange(4, min(len(data), 400) if source.random() < 0.7 else len(data))
        data[at] = source.choice((0, 1, 4, 0x7F, 0xFF, source.randrange(256)))
    told = layout(bytes(data))
    assert all(0 <= span.start < span.end <= len(data) for span in told.spans)
    for view in views(bytes(data)):
        view.read(Image("x", bytes(data)))


def seen_by_the_package(data: bytes) -> MinidumpFile:
    logging.disable()  # it looks for a process environment block, which is in none of these
    try:
        return MinidumpFile.parse_bytes(data)
    finally:
        logging.disable(logging.NOTSET)


def ranges_of_the_package(seen: MinidumpFile) -> set[tuple[int, int, int]]:
    """(place in the file, bytes, address) of each range of memory."""
    lists = [one.memory_segments for one in (seen.memory_segments, seen.memory_segments_64) if one is not None]
    return {(part.start_file_address, part.size, part.start_virtual_address) for part in itertools.chain(*lists)}


def ours(told: Layout, what: str) -> set[tuple[int, int, int | None]]:
    return {(span.start, span.end - span.start, span.address) for span in told.spans if span.what.startswith(what)}


def full() -> bytes:
    """With both lists of memory."""
    made = sample()
    made.memory64((0x10000, bytes(300)), (0x20000, b"x" * 4096), (0x7FFF_0000_0000, bytes(16)))
    return made.bytes()


# None of arm64, which the package does not know.
SAMPLES = {
    "with a MemoryList": sample().bytes(),
    "with both lists": full(),
    "of the corpus": (Path(__file__).parents[3] / "corpora" / "dumps" / "windows.dmp").read_bytes(),
}


@pytest.mark.parametrize("data", SAMPLES.values(), ids=SAMPLES)
def test_what_it_names_is_what_the_package_minidump_sees(data: bytes) -> None:
    seen, told = seen_by_the_package(data), layout(data)
    assert told.gaps == ()
    assert ours(told, "memory at ") == ranges_of_the_package(seen) != set()
    threads = seen.threads.threads
    assert {span.thread for span in told.spans if span.what.startswith("stack of thread ")} == {
        thread.ThreadId for thread in threads
    }
    for thread in threads:
        stack, context = thread.Stack, thread.ThreadContext
        place = (stack.MemoryLocation.Rva, stack.MemoryLocation.DataSize, stack.StartOfMemoryRange)
        assert ours(told, f"stack of thread {thread.ThreadId}") == {place}
        if context.DataSize:
            assert (context.Rva, context.DataSize, None) in ours(told, f"registers of thread {thread.ThreadId}")
    modules = {part.name: (part.baseaddress, part.endaddress) for part in seen.modules.modules}
    for span in told.spans:
        inside = [
            name for name, (low, high) in modules.items() if span.address is not None and low <= span.address < high
        ]
        if span.what.startswith("memory at "):
            assert [span.mapping] == (inside or [""])


def test_without_a_list_of_modules_the_package_fails_and_this_reads() -> None:
    """Why there is a reader of our own."""
    made = Builder()
    made.memory64((0x9100, MARK))
    made.threads((7, 0x5000, bytes(32), made.context()))
    made.system()
    data = made.bytes()
    with pytest.raises(AttributeError):
        seen_by_the_package(data).get_reader()
    assert inner(data) == ("memory at 0x9100", 0x9100, "", None)
