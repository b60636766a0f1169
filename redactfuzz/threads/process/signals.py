"""Signal handlers that a scenario sets: only the interpreter's own main thread may, and that one stays outside."""

from __future__ import annotations

REFUSED_SIGNAL = (
    "the main thread called signal.signal, which works in the interpreter's own main thread alone; in a scenario that "
    "one stays outside"
)
SIGNAL_REMEDY = (
    'Leave the call out of the scenario, and give the handler to race.crash(handler, by="signal"): it interrupts what '
    "race.main calls, at any point."
)


def is_refused_signal(error: BaseException) -> bool:
    """Whether the interpreter refused to set a handler because of the thread. In another thread that is a true bug."""
    return isinstance(error, ValueError) and str(error).startswith("signal only works in main thread")
