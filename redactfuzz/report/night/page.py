"""One HTML file that needs no network: what it looks like and does is in ``templates/``."""

from __future__ import annotations

import base64
import hashlib
from functools import cache

import jinja2

from redactfuzz.report.night.digest import Digest
from redactfuzz.report.night.marks import GENERATOR
from redactfuzz.report.night.words import duration, percent, times

_LIVE = "connect-src 'self'"


def html(digest: Digest, *, live: bool = False) -> str:
    """The page. ``live``: one that a server on loopback sends, and that asks it for news."""
    style, script = _text("page.css"), _text("page.js")
    if live:
        script += _text("live.js")
    return (
        _environment()
        .get_template("page.html")
        .render(
            night=digest,
            live=live,
            generator=GENERATOR,
            style=style,
            script=script,
            policy=policy(style, script, live=live),
        )
    )


def policy(style: str, script: str, *, live: bool) -> str:
    """Content-Security-Policy: this style and this script, and nothing else from anywhere."""
    rules = ["default-src 'none'", f"style-src {_hash(style)}", f"script-src {_hash(script)}"]
    rules += ["img-src data:", "base-uri 'none'", "form-action 'none'", *([_LIVE] if live else [])]
    return "; ".join(rules)


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _text(name: str) -> str:
    source, _, _ = _loader().get_source(_environment(), name)
    return source


@cache
def _loader() -> jinja2.PackageLoader:
    return jinja2.PackageLoader("redactfuzz.report.night")


@cache
def _environment() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=_loader(), autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    made.filters |= {"percent": percent, "duration": duration, "times": times}
    return made
