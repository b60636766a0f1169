"""What a process that really died left confirms a leak only where it shows one of the same kind."""

from __future__ import annotations

import pytest

from redactfuzz.campaign.checks.confirmation import DiskSearch, explain_unconfirmed
from redactfuzz.model.outcome import RESIDUE, Inspection, Leak
from redactfuzz.model.repro import Identity

_HEAP, _FRAME = 0x600000001000, 0x600000008000


def leak(dump: str = "core", address: int | None = None, place: str = "") -> Leak:
    return Leak("key", "raw", address or 0, 32, dump, "00", place=place, address=address)


IN_MEMORY, IN_REGISTER = leak(address=_HEAP, place="a.c:3"), leak(place=RESIDUE)
IN_FRAME, IN_FILE = leak(address=_FRAME, place=RESIDUE), leak("audit.log", place="a.c:9")


@pytest.mark.parametrize(
    ("met", "on_disk", "confirmed"),
    [
        (IN_MEMORY, leak(address=_HEAP), True),
        (IN_MEMORY, leak(address=_HEAP + 4096), True),
        (IN_MEMORY, leak(), False),
        (IN_MEMORY, leak(address=_FRAME + 8), False),
        (IN_MEMORY, leak("audit.log"), False),
        (IN_REGISTER, leak(), True),
        (IN_REGISTER, leak(address=_FRAME), True),
        (IN_REGISTER, leak("audit.log"), False),
        (IN_FILE, leak("audit.log"), True),
        (IN_FILE, leak("file 1 written by child 1"), True),
        (IN_FILE, leak(address=_HEAP), False),
        (leak(place="a.c:3"), leak(), True),
        (leak(place="a.c:3"), leak(address=_HEAP), False),
    ],
)
def test_a_leak_is_confirmed_by_its_own_kind(met: Leak, on_disk: Leak, *, confirmed: bool) -> None:
    met_together = (met, IN_FRAME)
    (identity,) = Identity.distinct((met,))
    seen = DiskSearch(Inspection(leaks=(on_disk,)), {on_disk.dump: 1})
    assert (explain_unconfirmed(seen, identity, met_together) is None) is confirmed


def test_what_is_not_told_apart_is_confirmed_by_any_of_its_kinds() -> None:
    met = (leak(address=_HEAP), leak("audit.log"))
    for on_disk in (leak(address=_HEAP), leak("audit.log")):
        seen = DiskSearch(Inspection(leaks=(on_disk,)), {on_disk.dump: 1})
        assert explain_unconfirmed(seen, Identity.of(met, None), met) is None


def test_a_confirmation_names_the_dumps_that_hold_the_secret_and_no_others() -> None:
    leaks = leak(address=_HEAP), leak("audit.log")
    seen = DiskSearch(Inspection(leaks=leaks), {"stderr": 7, "core": 4096, "audit.log": 9})
    assert seen.describe_dumps_with("key") == "the kernel's core and the file audit.log (4,105 bytes)"
    assert seen.where == "the file stderr and the kernel's core and the file audit.log (4,112 bytes)"
