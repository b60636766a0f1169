"""Exceptions by which code says that its time ran out, where a schedule let the time pass while others could go on.

That nobody catches one is no bug by itself: on a real machine the others would have had the time that was waited for.
"""

from __future__ import annotations

import dis
import re
from collections.abc import Iterator

from redactfuzz.threads import _hooks

_SAYS_SO = re.compile("time_?d?_?out|expired|BrokenBarrier", re.IGNORECASE)
"""Names of exceptions: TimeoutError, TimeoutExpired, ReadTimeout, PoolTimedOut, ExpiredSignatureError."""
_RAISE = dis.opmap["RAISE_VARARGS"]


def ran_out(error: BaseException, *, stalls: bool = False) -> bool:
    """Return whether ``error`` comes of time that the schedule let pass.

    It does where what it goes back to was raised of nothing but waits that ended so, whatever its type, and where one
    on the way there is named after time. ``stalls``: time passed before looks at a clock, and so does all that a
    ``raise`` made: code may refuse what is old. What fails for another reason, as a missing key does, is a bug that a
    real time-out shows as well.
    """
    chain = list(_in_place_of(error))
    came_of_it = _hooks.came_of_expiry(chain[-1]) or any(map(_says_so, chain)) or (stalls and _is_raised(chain[-1]))
    return _hooks.early() and came_of_it


def _says_so(error: BaseException) -> bool:
    return any(_SAYS_SO.search(kind.__name__) for kind in type(error).__mro__)


def _in_place_of(error: BaseException) -> Iterator[BaseException]:
    """The exception, and as long as each was made by a ``raise``, the one that was handled then."""
    seen = set[int]()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        yield current
        seen.add(id(current))
        current = (current.__cause__ or current.__context__) if _is_raised(current) else None


def _is_raised(error: BaseException) -> bool:
    """Whether a ``raise`` statement made it, and not the operation that failed."""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    return last is not None and last.tb_frame.f_code.co_code[last.tb_lasti] == _RAISE
