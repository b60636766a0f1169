"""What was measured of a finding, in words: the same ones on a terminal and on a page."""

from __future__ import annotations

from redactfuzz.model.measured import ASSUMED, Likelihood, Measurement, Neighbour, NoReturn, Remaining
from redactfuzz.model.schedule import Action, Step
from redactfuzz.report.lines import Line, Piece, Tone, count, line, printable, wrap
from redactfuzz.report.rows import location, shown_source

_BAR = 20
_BESIDE = 54
"""Cells of what stands beside a bar."""
_INDENT = "  "


def said(measured: Measurement) -> list[tuple[str, str]]:
    """Pairs: what it is about, and a sentence or more."""
    pairs = []
    if measured.along:
        pairs.append(("Point of no return", _no_return(measured.no_return, measured)))
    if measured.nearest is not None:
        pairs.append(("Nearest clean schedule", _nearest(measured.nearest)))
    elif measured.along and not measured.notes:
        pairs.append(("Nearest clean schedule", "none was met."))
    if measured.remaining is not None:
        pairs.append(("Without this window", _remaining(measured.remaining)))
    return pairs + [("Note", f"{note}.") for note in measured.notes]


def headline(measured: Measurement) -> str:
    """How it was measured."""
    runs = max((each.runs + each.strayed for each in measured.along), default=0)
    walks = f"{count(runs, 'random walk')} after each of {len(measured.along)} of its steps 0 to {measured.steps:,}"
    return f"how often it comes about where it is followed up to a step, and chance goes on: {walks}"


def odds(each: Likelihood) -> str:
    """``7 of 20, 35 % (18 to 57 %)``."""
    if not each.runs:
        return "not measured: all left the schedule"
    low, high = each.interval
    strayed = f", {each.strayed} left the schedule" if each.strayed else ""
    return f"{each.shown} of {each.runs}, {100 * each.part:.0f} % ({100 * low:.0f} to {100 * high:.0f} %){strayed}"


def likelihood(measured: Measurement, width: int = 100) -> list[Line]:
    """All of it, in lines of at most ``width`` cells."""
    lines: list[Line] = [line(Piece("Likelihood along the schedule", Tone.STRONG))]
    if measured.along:
        lines += [line(Piece(_INDENT + text, Tone.DIM)) for text in wrap(headline(measured), width - len(_INDENT))]
    for each in measured.along:
        certain = measured.no_return is not None and each.step == measured.no_return.step
        bar = Piece("#" * round(max(min(_BAR, width - _BESIDE), 0) * each.part), Tone.BAD if each.always else Tone.WARN)
        text = f"{_INDENT}{each.step:>6}  {odds(each):<28} "
        lines.append(line(text, bar, Piece("  <- no return" if certain else "", Tone.STRONG)))
    for name, text in said(measured):
        lines += [line(_INDENT + each) for each in wrap(f"{name}: {text}", width - len(_INDENT))]
    if measured.along:
        lines += [line(Piece(_INDENT + text, Tone.DIM)) for text in wrap(ASSUMED, width - len(_INDENT))]
    return lines


def _no_return(found: NoReturn | None, measured: Measurement) -> str:
    if found is None:
        return "none: not even the whole schedule showed it each time."
    every = f"{found.runs} of {found.runs}"
    if not found.step:
        return f"it needs nothing that was seen. It came about in {every}, whatever was done from the beginning on."
    before = next((each for each in measured.along if each.step == found.before), None)
    if before is not None and not before.always:
        earlier = f", after step {found.before} in {before.shown} of {before.runs}"
    else:
        earlier = f"; the nearest clean schedule leaves it after step {found.before}" if found.before >= 0 else ""
    where = f"step {found.step}" if found.exact else f"between step {found.before} and step {found.step}"
    done = f", {_does(found.at)}" if found.at is not None else ""
    return f"{where}{done}. From there on it came about in {every}{earlier}."


def _nearest(found: Neighbour) -> str:
    same = "nothing is the same" if not found.common else f"the same for {count(found.common, 'step')}"
    ours = _does(found.shows) if found.shows is not None else "it has come to its end"
    clean = _does(found.clean) if found.clean is not None else "it has come to its end"
    how = f"{count(found.preemptions, 'preemption')}; of {count(found.among, 'clean one')} the nearest"
    return f"{same}. Then, in this finding: {ours}; in the clean one: {clean} ({how})."


def _remaining(found: Remaining) -> str:
    looked = count(found.executions, "execution")
    window = " or ".join(map(_function, found.window))
    through = f" through {window}" if window else ""
    why = "" if window else ": it needs no race, so that there is no window to leave out"
    dropped = count(found.dropped, "execution")
    inside = f" {dropped} that showed it{through} did not count{why}." if found.dropped else ""
    if found.others:
        text = f"in {looked} also: {' '.join(f'({i}) {each}' for i, each in enumerate(found.others, 1))}"
    else:
        text = f"no other finding in {looked}."
    rest = f" Of {count(found.undecided, 'execution')} the cause was not looked for." if found.undecided else ""
    return f"{text}{inside}{rest}"


def _function(name: str) -> str:
    """``<start>:NAME`` is how a schedule names where a thread is before its first line."""
    before, found, thread = name.partition("<start>:")
    return f"the beginning of '{printable(thread)}'" if found and not before else printable(name)


def _does(step: Step) -> str:
    who = f"'{printable(step.thread)}'"
    where = f" at {printable(location(step))}" if step.file else ""
    source = shown_source(step.source) if where else ""
    place = f"{where} (`{source}`)" if source else where
    match step.action:
        case Action.CRASH:
            return f"the crash strikes {who}{place}"
        case Action.EXPIRE:
            return f"the wait of {who} expires{place}"
        case _:
            return f"{who} goes on{place}" if place else f"{who} begins"
