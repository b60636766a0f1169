"""A command whose errors of use show no secret: what is wrong with a file is told in words that it holds.

What a dump is called is masked in reports. Options name files of keys, rules and canaries, and a message about one may
quote what it should not hold: the same masker is asked about each, whoever raised it.
"""

from __future__ import annotations

from typing import Any

import click

from redactfuzz.scan.masker import HIDDEN, ReportMasker

_NOT_SHOWN = "what is wrong with what was given holds a secret, and is not shown"


class MaskedCommand(click.Command):
    """Masks the message of each UsageError, of the options themselves and of what the command says."""

    def masker(self, context: click.Context) -> ReportMasker:
        """What finds secrets in a message; of canaries as far as those can be read."""
        return ReportMasker(())

    def make_context(self, *arguments: Any, **more: Any) -> click.Context:
        """As click does, which reads the options here."""
        try:
            return super().make_context(*arguments, **more)
        except click.UsageError as error:
            raise _shown(error, ReportMasker(())) from None

    def invoke(self, ctx: click.Context) -> Any:
        """As click does."""
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            raise _shown(error, self.masker(ctx)) from None


def _shown(error: click.UsageError, masker: ReportMasker) -> click.UsageError:
    """The same, or what may be told of it."""
    message = error.format_message()
    shown = masker.instead_of([message]).get(message, message)
    if shown == message:
        return error
    return click.UsageError(_NOT_SHOWN if shown == HIDDEN else shown, error.ctx)
