"""What a page says of how likely a finding is along its schedule."""

from __future__ import annotations

import attrs

from redactfuzz.model.measured import ASSUMED, Measurement
from redactfuzz.model.night import FindingMeasured
from redactfuzz.report.likelihood import headline, odds, said
from redactfuzz.report.night.charts import Chart, polygon
from redactfuzz.report.night.words import shown

_TEXT = 2_000


@attrs.frozen
class MeasuredView:
    """A curve, sentences, and the numbers."""

    chart: Chart | None
    said: tuple[tuple[str, str], ...]
    rows: tuple[tuple[int, str], ...]
    """Steps, and how often it came about from there."""
    assumed: str = ASSUMED


def view(event: FindingMeasured) -> MeasuredView:
    """Of what is in a journal."""
    measured = event.measured
    if measured is None:
        return MeasuredView(None, (("Not measured", shown(event.how)),), ())
    pairs = tuple((name, shown(text, _TEXT)) for name, text in said(measured))
    return MeasuredView(_chart(measured), pairs, tuple((each.step, odds(each)) for each in measured.along))


def _chart(measured: Measurement) -> Chart | None:
    points = [(float(each.step), each.part) for each in measured.along if each.runs]
    found = measured.no_return
    mark = (float(found.step), "no return") if found is not None else None
    text = headline(measured)
    return polygon("Likelihood", points, f"{text[:1].upper()}{text[1:]}.", mark)
