"""``redactfuzz gate --once`` and ``--watch``."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import click

from redactfuzz import __version__
from redactfuzz.cli.gate.command import Asked
from redactfuzz.cli.gate.judging import Judge
from redactfuzz.cli.gate.told import Told
from redactfuzz.gate import leases, metrics, receipt
from redactfuzz.gate.folders import Folders
from redactfuzz.gate.journal import Journal, JournalError
from redactfuzz.gate.looking import Looking
from redactfuzz.gate.passage import Judgement, Ticket
from redactfuzz.gate.places import PlaceError, Places, apart_from, opened
from redactfuzz.gate.sealing import SealLimits
from redactfuzz.gate.work import Work

_OWN = ".gate"
_LOOK_SECONDS = 0.1
"""Between two looks of ``--once`` at a dump that is still written."""


def run(asked: Asked) -> int:
    """Takes dumps until there is none left, or for ever."""
    leases.ignore_their_ends()
    judge, told = Judge.of(asked), Told(asked.log, asked.json_lines)
    with _at_work(asked, judge, told) as work:
        there = _look(work, asked.metrics)
        while asked.watch:
            time.sleep(asked.every)
            _look(work, asked.metrics)
        while any(not wait.late for wait in work.waiting.values()):
            time.sleep(_LOOK_SECONDS)
            _look(work, asked.metrics, there)
        return _ended(work, told)


@contextlib.contextmanager
def _at_work(asked: Asked, judge: Judge, told: Told) -> Iterator[Work]:
    """A gate that has its folders. Raises UsageError where it cannot have them."""
    source, released, quarantined, log = asked.source, asked.released, asked.quarantined, asked.log
    if source is None or released is None or quarantined is None or log is None:
        raise click.UsageError("a gate needs --from DIR, --to DIR, --quarantine DIR and --log FILE.")
    try:
        with opened(source, released, quarantined, asked.own or quarantined / _OWN) as places:
            for option, path in (("--log", log), ("--metrics", asked.metrics)):
                if path is not None:
                    apart_from(places, option, path)
            folders = _folders(asked, judge, places)
            own = {"rules": judge.rules().asked, "receipt_key": receipt.key_name(folders.signer.public)}
            told({"event": "started", "version": __version__, **own})
            yield Work.begin(folders, Looking(asked.settle, asked.patience), told)
    except (PlaceError, JournalError, receipt.ReceiptError) as error:
        raise click.UsageError(str(error)) from None
    except BrokenPipeError:  # of stdout
        raise
    except OSError as error:
        raise click.UsageError(f"a folder of the gate cannot be used any more, or not yet ({error.strerror})") from None


def _folders(asked: Asked, judge: Judge, places: Places) -> Folders:
    journal = Journal.opened(places.own)

    def private() -> Sequence[int]:
        return (places.source, places.released, places.quarantined, places.own, *journal.descriptors)

    def judge_file(path: str, ticket: Ticket) -> Judgement:
        return judge.of_file(path, ticket, private)

    if asked.sign_with is None:
        receipt.make_key(places.own)
    key = asked.sign_with or Path(f"/proc/self/fd/{places.own}/{receipt.KEY}")
    if asked.sign_with is not None and asked.sign_with.exists() and asked.sign_with.stat().st_mode & 0o022:
        raise receipt.ReceiptError(f"--sign-with {key}: others can write to it, so receipts would prove nothing")
    signer = receipt.Signer(key)
    receipt.show_public(places.own, signer.public)
    return Folders(places, journal, signer, judge_file, judge.rules, judge.shown, SealLimits(asked.max_size))


def _look(work: Work, path: Path | None, only: Collection[str] | None = None) -> Collection[str]:
    names = work.look(only)
    if path is not None:
        try:
            metrics.write(path, work.tally)
        except OSError as error:  # dumps are let out nevertheless: the log has all
            work.fails("(--metrics)", error)
    return names


def _ended(work: Work, told: Told) -> int:
    """1 where something was found, 5 where something is not known to be clean, or is still there."""
    outlets = work.tally.outcomes
    counts = [f"{count} {outlet} ({verdict})" for (outlet, verdict), count in sorted(outlets.items())]
    kinds = (("still written", work.waiting), ("refused", work.refused), ("failed", work.failed))
    counts += [f"{len(what)} {name}" for name, what in kinds if what]
    told({"event": "ended", "summary": ", ".join(counts) or "no dump was there"})
    if work.leaks:
        return 1
    return 5 if work.unread or work.waiting or work.refused or work.failed or work.passage.open else 0
