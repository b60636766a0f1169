"""What to do about a control that failed, in the words of what is tested."""

from __future__ import annotations

import attrs


@attrs.frozen
class Advice:
    """A remedy, or what happened, for each way in which a pass would mean nothing."""

    at_fault: str
    """Where nothing was tested; empty: what happened says what to do."""
    plant: str
    no_redactor: str
    never_called: str
    unseen: str
    no_crash: str
    make_dump: str
    handler_returned: str
    return_dump: str
    allowed: str
    depends: str
    """Of a dump that depends on a secret."""
    fewer: str
    """What to do where there are too many schedules."""
    nondeterministic: str
    where_to_look: str
