"""Frames of zstd (RFC 8878), as far as they can be read without unpacking them: four bytes in a program are none."""

from __future__ import annotations

_MAGIC = b"\x28\xb5\x2f\xfd"
_FIXED = 5
"""Bytes up to those of the header that may be left out."""
_ID_BYTES = (0, 1, 2, 4)
_SIZE_BYTES = (0, 2, 4, 8)
_RESERVED, _SINGLE = 8, 0x20
"""Flags of the header of a frame (section 3.1.1.1.1)."""
_RAW, _REPEATED, _PACKED = 0, 1, 2
_BLOCK = 128 << 10
"""Bytes of one at most, and of what comes out of it."""
_WINDOW, _CONTENT = 31, 40
"""Bits of the size of a window, and of what is packed, at most."""
_WALKED = 64
"""Blocks of a frame that are looked at."""
_SHORT, _LONG = 128, 255
"""First bytes of a count of sequences that has one byte, and three."""


def names_dictionary(head: bytes) -> bool:
    """Whether a frame that begins like this says which dictionary it needs."""
    start, end, _ = _fields(head)
    return any(head[start:end])


def is_frame(head: bytes) -> bool:
    """Whether these bytes (1,024, or all that there are) begin a frame of which something is packed."""
    if len(head) <= _FIXED or not head.startswith(_MAGIC) or head[_FIXED - 1] & _RESERVED:
        return False
    _, start, end = _fields(head)
    content = int.from_bytes(head[start:end], "little") + 256 * (end - start == 2)
    single = head[_FIXED - 1] & _SINGLE
    window = content if single else 1 << 10 + (head[_FIXED] >> 3)
    if content >> _CONTENT or (window >> _WINDOW and not single):
        return False
    return _are_blocks(head, end, window, content if end > start else _BLOCK)


def _fields(head: bytes) -> tuple[int, int, int]:
    """Where the number of the dictionary begins, where the size of what is packed does, and the first block."""
    flags = head[_FIXED - 1] if len(head) >= _FIXED else 0
    start = _FIXED + (not flags & _SINGLE)
    end = start + _ID_BYTES[flags & 3]
    return start, end, end + max(_SIZE_BYTES[flags >> 6], bool(flags & _SINGLE))


def _are_blocks(data: bytes, at: int, window: int, content: int) -> bool:
    """Whether the blocks may be some, to the last one or as far as they can be seen. ``content``: bytes of them all."""
    packed, most = False, 0
    for _ in range(_WALKED):
        if at + 4 > len(data):
            return packed
        header = int.from_bytes(data[at : at + 3], "little")
        last, kind, size = header & 1, header >> 1 & 3, header >> 3
        if kind > _PACKED or size > min(_BLOCK, window):
            return False
        at, most = at + 3, most + _BLOCK
        end = at + (1 if kind == _REPEATED else size)
        if kind == _PACKED and not _is_block(data[at:end], size):
            return False
        packed = packed or kind == _PACKED
        at = end
        if last:
            return packed and content <= most
    return packed


def _is_block(block: bytes, size: int) -> bool:
    """Whether literals and sequences fit into it (section 3.1.1.3). ``block`` may have less than its ``size``."""
    first = block[0] if block else 0
    form = first >> 2 & 3
    if first & 3 <= _REPEATED:
        wide = (1, 2, 1, 3)[form]
        came = int.from_bytes(block[:wide], "little") >> (3 if wide == 1 else 4)
        stored = 1 if first & 3 == _REPEATED else came
    else:
        wide, bits = ((3, 10), (3, 10), (4, 14), (5, 18))[form]
        both = int.from_bytes(block[:wide], "little") >> 4
        came, stored = both & (1 << bits) - 1, both >> bits
        tree = block[wide : wide + 1] if first & 3 == _PACKED else b""
        # The weights of its codes: so many bytes, or so many halves of one.
        if not 0 < stored < came or (tree and stored <= (tree[0] if tree[0] < _SHORT else (tree[0] - _SHORT + 2) // 2)):
            return False
    at = wide + stored
    if came > _BLOCK or at >= size:
        return False
    if at + 4 > len(block):
        return len(block) < size or block[at:] == b"\0"
    count = 1 if block[at] < _SHORT else 2 if block[at] < _LONG else 3
    # A sequence ends with a bit that is set, and what says how they are written has two that are not.
    ends = len(block) < size or block[-1] != 0
    return (block[at] != 0 and block[at + count] & 3 == 0 and ends) or (block[at] == 0 and size == at + 1)
