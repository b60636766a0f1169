"""What a night that is resumed has to do again, since it was of other code than is here now."""

from __future__ import annotations

from collections.abc import Sequence

from redactfuzz.campaign.session import depends
from redactfuzz.model.night import NightEvent, SliceEnded, TargetListed
from redactfuzz.model.verdict import Verdict
from redactfuzz.night.journal import of_kind


def listed_anew(events: Sequence[NightEvent], targets: Sequence[TargetListed]) -> list[TargetListed]:
    """Targets that have their turns anew. ``events``: of its journal; ``targets``: as they are listed now.

    What was explored, spared or proved was so by the code that was there then.
    """
    began = {each.title: each.spared for each in of_kind(events, TargetListed)}
    ended = [each for each in of_kind(events, SliceEnded) if each.report is not None]
    proved = {each.title for each in ended if each.report and each.report.verdict is Verdict.PROVED}
    lost = {each.title for each in ended if each.as_in is not None}
    changed = lost | {each.title for each in ended if each.sources and not depends.unchanged(each.sources)}
    return [each for each in targets if not each.spared and (each.title in proved | changed or began.get(each.title))]
