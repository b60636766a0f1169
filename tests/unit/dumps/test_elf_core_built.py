from __future__ import annotations

import random
import struct

import pytest
from elf_builder import LOAD, Form, Load, Note, core, mapped_files, note_bytes, prstatus
from hypothesis import given, settings
from hypothesis import strategies as st
from real_cores import search, secret

from redactfuzz.dumps.readers import formats
from redactfuzz.dumps.readers.elf_core import ElfCore
from redactfuzz.dumps.readers.image import Image, Layout
from redactfuzz.model.exposure import Gap

pytestmark = pytest.mark.once

READER = ElfCore()
FORMS = [Form(bits, order, machine) for bits in (32, 64) for order in "<>" for machine in (62, 183, 8)]
X86, ARM = Form(), Form(machine=183)


def layout(data: bytes) -> Layout:
    return READER.layout(Image("core", data))


def missing(data: bytes) -> list[Gap]:
    return [gap for gap in layout(data).gaps if not gap.harmless]


def names(data: bytes) -> list[str]:
    return [span.what for span in layout(data).spans]


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_every_class_and_byte_order_is_read(form: Form) -> None:
    rows = [(0x10000, 0x11000, 3, "/lib/one"), (0x20000, 0x21000, 0, "/lib/two")]
    data = core(
        form,
        [Load(0x10000, b"a" * 4096, 5), Load(0x20000, b"b" * 100, 6, lacks=3996)],
        [prstatus(form, 4321, bytes(27 * 8)), mapped_files(form, rows), Note("GNU", 7, b"?")],
    )
    assert READER.recognises(data[:4096], len(data))
    assert not missing(data)
    by_name = {span.what: span for span in layout(data).spans}
    assert by_name["segment 1 r-x"].mapping == "/lib/one"
    assert by_name["segment 1 r-x"].address == 0x10000
    assert by_name["segment 2 rw-"].mapping == "/lib/two"
    assert data[by_name["segment 2 rw-"].start : by_name["segment 2 rw-"].end] == b"b" * 100
    assert {"note NT_PRSTATUS of thread 4321", "note NT_FILE", "note 0x7 of GNU of thread 4321"} <= by_name.keys()
    (hole,) = [gap for gap in layout(data).gaps if gap.harmless]
    assert "3,996 bytes of memory at 0x20064" in hole.reason


def test_registers_of_aarch64_are_named_by_note_and_thread() -> None:
    vectors = b"".join(bytes([number]) * 16 for number in range(32))
    general = struct.pack("<34Q", *range(34))
    sve = struct.pack("<IIHHHH", 16 + 32 * 32, 0, 32, 32, 1, 0) + b"".join(bytes([n]) * 32 for n in range(32))
    data = core(
        ARM,
        [Load(0x1000, bytes(64))],
        [
            prstatus(ARM, 7, general),
            Note("CORE", 2, vectors + bytes(16)),
            Note("LINUX", 0x405, sve),
            prstatus(ARM, 8, general),
            Note("LINUX", 0x401, bytes(8)),
        ],
    )
    found = {span.what: data[span.start : span.end] for span in layout(data).spans}
    assert found["register x17 of thread 7"] == struct.pack("<Q", 17)
    assert found["register sp of thread 8"] == struct.pack("<Q", 31)
    assert found["register v7 of thread 7"] == bytes([7]) * 16
    assert found["register z9 of thread 7"] == bytes([9]) * 32
    assert "note NT_ARM_TLS of thread 8" in found


def xstate(offsets: dict[int, int], size: int, compact: int = 0) -> bytes:
    area = bytearray(size)
    area[520:528] = struct.pack("<Q", compact)
    for number in range(16):
        area[160 + 16 * number : 176 + 16 * number] = bytes([number]) * 16
        area[offsets[2] + 16 * number : offsets[2] + 16 * number + 16] = bytes([64 + number]) * 16
        if 6 in offsets:
            area[offsets[6] + 32 * number : offsets[6] + 32 * number + 32] = bytes([128 + number]) * 32
            area[offsets[7] + 64 * number : offsets[7] + 64 * number + 64] = bytes([192 + number]) * 64
    return bytes(area)


INTEL, AMD = {2: 576, 6: 1152, 7: 1664}, {2: 576, 6: 896, 7: 1408}
ODD = {2: 640, 6: 1024, 7: 2048}
COMPACT = {2: 576, 6: 576 + 256 + 64, 7: 576 + 256 + 64 + 512}
STATED = Note("LINUX", 0x205, b"".join(struct.pack("<4I", kind, 0, at, 0) for kind, at in ODD.items()))


@pytest.mark.parametrize(
    ("area", "notes"),
    [
        (xstate(INTEL, 2696), ()),
        (xstate(AMD, 2440), ()),
        (xstate(ODD, 4096), (STATED,)),
        (xstate(COMPACT, 2696, 1 << 63 | 0b11100100), ()),
    ],
    ids=["Intel", "AMD", "stated by the kernel", "compacted"],
)
def test_whole_vector_registers_are_put_together_in_every_layout(area: bytes, notes: tuple[Note, ...]) -> None:
    data = core(X86, [], [prstatus(X86, 5, bytes(216)), Note("LINUX", 0x202, area), *notes])
    views = {view.what: view.read(Image("core", data)) for view in READER.views(Image("core", data))}
    whole = views["zmm registers of thread 5"]
    for number in range(16):
        low, middle, high = (bytes([part + number]) for part in (0, 64, 128))
        assert whole[64 * number :][:64] == low * 16 + middle * 16 + high * 32
        assert whole[64 * (16 + number) :][:64] == bytes([192 + number]) * 64
    assert views["ymm registers of thread 5"][32:64] == bytes([1]) * 16 + bytes([65]) * 16


def test_a_processor_without_avx_512_has_ymm_registers_only() -> None:
    data = core(X86, [], [prstatus(X86, 5, bytes(216)), Note("LINUX", 0x202, xstate({2: 576}, 832))])
    assert {view.what for view in READER.views(Image("core", data))} >= {"ymm registers of thread 5"}
    assert not [name for name in names(data) if "zmm" in name]


def test_a_secret_across_two_segments_that_are_apart_in_the_file_is_found() -> None:
    canary = secret("torn")
    low, high = b"\1" * 500 + canary.bytes[:16], canary.bytes[16:] + b"\2" * 500
    between = Load(0x90000, bytes(4096))
    torn = core(X86, [Load(0x2000, high), between, Load(0x2000 - len(low), low)])
    (seam,) = READER.views(Image("core", torn))
    assert [hit.whole for hit in search(seam.read(Image("core", torn)), canary)] == [True]
    assert not [hit for hit in search(torn, canary) if hit.whole]
    apart = core(X86, [Load(0x2001, high), between, Load(0x2000 - len(low), low)])
    assert not list(READER.views(Image("core", apart)))


def test_threads_share_a_segment_of_stacks_by_their_stack_pointers() -> None:
    def registers(pointer: int) -> bytes:
        return struct.pack("<27Q", *[0] * 19, pointer, *[0] * 7)

    data = core(
        X86,
        [Load(0x10000, bytes(0x4000))],
        [prstatus(X86, 1, registers(0x11000)), prstatus(X86, 2, registers(0x13000)), prstatus(X86, 3, registers(0x99))],
    )
    stacks = {span.thread: span for span in layout(data).spans if span.what.startswith("stack")}
    assert {thread: (span.address, span.end - span.start) for thread, span in stacks.items()} == {
        1: (0x10000, 0x3000 - 128),
        2: (0x13000 - 128, 0x1000 + 128),
    }


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_more_segments_than_the_header_can_count_are_all_read(form: Form) -> None:
    data = core(form, [Load(0x1000 * n, b"x") for n in range(1, 300)], in_section=True)
    assert len([name for name in names(data) if name.startswith("segment")]) == 299
    assert not missing(data)


def test_a_number_of_segments_that_lies_is_a_gap_and_costs_nothing() -> None:
    data = core(X86, [Load(0x1000, b"x")], in_section=True, says=0xFFFFFFFF)
    assert len(layout(data).spans) < 10
    assert "4,294,967,295 segments" in missing(data)[0].reason


def test_notes_that_claim_more_than_there_is_are_gaps() -> None:
    lying = note_bytes(X86, Note("CORE", 1, bytes(16)), says=0xFFFFFFF0)
    (gap,) = missing(core(X86, [], [lying]))
    assert gap.reason.startswith("note NT_PRSTATUS")
    assert gap.length == 0xFFFFFFF0 - 16


def test_a_million_empty_notes_are_read_to_a_limit_and_said() -> None:
    data = core(X86, [], [struct.pack("<III", 0, 0, 9) * 200_000])
    assert "more than 131,072 notes" in missing(data)[0].reason


def test_many_segments_over_the_same_notes_are_read_as_far_as_the_file_has_room_for_notes() -> None:
    notes = b"".join(note_bytes(X86, Note("CORE", 1, bytes(336))) for _ in range(400))
    data = bytearray(core(X86, [Load(0, b"") for _ in range(1000)], [notes]))
    for index in range(1, 1001):  # each claims all notes, one byte less each time, so that none is the same
        at = 64 + 56 * index
        struct.pack_into("<IIQQQQQQ", data, at, 4, 0, 64 + 56 * 1001, 0, 0, len(notes) - index, 0, 4)
    found = layout(bytes(data))
    assert 400 < sum(span.what.startswith("note ") for span in found.spans) <= len(data) // 356
    assert [gap for gap in found.gaps if "notes: the rest" in gap.reason]


def test_a_path_that_no_file_has_is_named_by_its_length() -> None:
    files = mapped_files(X86, [(0x10000, 0x11000, 0, "/" + "a" * 100_000), (0x20000, 0x21000, 0, "/lib/two")])
    data = core(X86, [Load(0x10000, b"a" * 64), Load(0x20000, b"b" * 64)], [files])
    mappings = [span.mapping for span in layout(data).spans if span.what.startswith("segment")]
    assert mappings == ["(a name of 100,001 characters)", "/lib/two"]


def test_of_segments_over_the_same_bytes_no_more_is_put_together_than_so_many_times_the_file() -> None:
    each, count = 32 << 10, 300
    data = bytearray(core(X86, [*[Load(0, b"")] * count, Load(0, random.Random(5).randbytes(each))]))
    at = len(data) - each
    for index in range(count):
        row = (LOAD, 6, at, 0x10000 + index * each, 0, each, each, 4)
        struct.pack_into("<IIQQQQQQ", data, 64 + 56 * (index + 1), *row)
    read = sum(view.size for view in READER.views(Image("core", bytes(data))))
    assert 0 < read <= 4 * len(data) < count * each // 2
    assert any("not all of what is adjacent by address" in gap.reason for gap in missing(bytes(data)))


def test_of_each_landmark_that_the_kernel_names_once_the_first_counts() -> None:
    pairs = [(33, 0x10000), (25, 0x20000), *((33, 0x30000 + at) for at in range(50))]
    auxv = Note("CORE", 6, b"".join(X86.words(*pair) for pair in pairs))
    data = core(X86, [Load(0x10000, bytes(64)), Load(0x20000, bytes(64)), Load(0x30000, bytes(64))], [auxv])
    by_address = {span.address: span.mapping for span in layout(data).spans if span.address is not None}
    assert by_address == {0x10000: "[vdso]", 0x20000: "[stack]", 0x30000: ""}


def test_empty_overlapping_and_absent_segments() -> None:
    data = bytearray(core(X86, [Load(0x1000, b""), Load(0x2000, b"y" * 64), Load(0x2000, b"z" * 64)]))
    end = len(data)
    struct.pack_into("<Q", data, 64 + 56 * 3 + 8, 1 << 62)  # the last one is said to lie far beyond the end
    (gap,) = missing(bytes(data))
    assert (gap.offset, gap.length) == (1 << 62, 64)
    assert gap.reason == "segment 3 rw- is not in the file"
    assert [span.end for span in layout(bytes(data)).spans if span.what.startswith("segment")] == [end - 64]
    both = core(X86, [Load(0x2000, b"y" * 64), Load(0x2010, b"z" * 64)])
    assert not missing(both)
    assert len([name for name in names(both) if name.startswith("segment")]) == 2


def test_what_is_no_core_is_left_to_others() -> None:
    program = bytearray(core(X86, [Load(0x1000, b"x")]))
    program[16] = 3
    assert not READER.recognises(bytes(program), len(program))
    assert not READER.recognises(b"MDMP" + bytes(60), 64)
    assert READER.recognises(b"\x7fELF\2\1", 6), "a header that is cut off is not clean text"
    assert missing(b"\x7fELF\2\1")
    reader = next(one for one in formats.READERS if one.recognises(core(X86, []), 200))
    assert isinstance(reader, ElfCore)


@given(st.integers(0, 2**32), st.integers(1, 40), st.integers(0, 1200))
@settings(max_examples=300, deadline=None)
def test_no_mutation_raises_or_names_bytes_that_are_not_there(seed: int, changes: int, cut: int) -> None:
    chance = random.Random(seed)
    form = chance.choice(FORMS)
    data = bytearray(
        core(
            form,
            [Load(0x1000, bytes(200)), Load(0x1000 + 200, bytes(50), 6, 999)],
            [
                prstatus(form, 1, bytes(216)),
                Note("LINUX", 0x202, xstate(AMD, 2440)),
                STATED,
                Note("CORE", 6, form.words(33, 0x1000, 25, 0x1001)),
                mapped_files(form, [(0x1000, 0x2000, 0, "/bin/x")]),
            ],
            in_section=chance.random() < 0.2,
        )
    )
    for _ in range(changes):
        at = chance.randrange(len(data)) if chance.random() < 0.4 else chance.randrange(300)
        data[at] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
    whole = bytes(data[: len(data) - cut])
    image = Image("core", whole)
    found = READER.layout(image)
    assert all(0 <= span.start <= span.end <= len(whole) for span in found.spans)
    for view in READER.views(image):
        assert len(view.read(image)) == sum(end - start for start, end in view.pieces)
    READER.symbols(image).at(0x1010)
