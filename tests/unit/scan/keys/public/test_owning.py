"""What a struct of C points to lives as long as the struct: cffi itself knows nothing of that."""

from __future__ import annotations

import gc
import weakref

from redactfuzz._core import owning as module
from redactfuzz._core._engine import ffi
from redactfuzz._core.owning import owning
from redactfuzz.scan.keys.macs import hashes
from redactfuzz.scan.keys.macs.pair import MacPair
from redactfuzz.scan.keys.public.powers import Powers
from redactfuzz.scan.keys.public.sums import prepared


def test_memory_lives_as_long_as_the_struct_and_no_longer() -> None:
    memory, other = ffi.new("uint64_t[]", 4), ffi.new("uint64_t[]", 4)
    kept, let_go = weakref.ref(memory), weakref.ref(other)
    struct = owning(ffi.new("rf_curve *", {"table": memory}), memory)
    ffi.new("rf_curve *", {"table": other})
    del memory, other
    gc.collect()
    assert (kept() is None, let_go() is None) == (False, True)
    del struct
    gc.collect()
    assert kept() is None


def test_structs_that_are_kept_for_later_searches_own_what_they_point_to() -> None:
    pair = MacPair(hashes.HASHES[0], b"message", bytes(16))
    for struct in (prepared("P-256"), Powers(3233, 17, 4, 8, 1).table(), pair.core):
        assert all(isinstance(memory, ffi.CData) for memory in module._OWNED[struct])
        assert module._OWNED[struct]
