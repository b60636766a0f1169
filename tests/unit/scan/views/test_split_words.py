"""Words that were broken because lines have a limit, with the same before each line, and words with marks in them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from apart_writers import GHP, JWT, NO_GHP, NO_JWT, folded, found, told

PREFIXES: dict[str, Callable[[list[str]], str]] = {
    "a quotation": lambda lines: "".join(f"> {line}\n" for line in lines),
    "a patch": lambda lines: "".join(f"+{line}\n" for line in lines),
    "a log": lambda lines: "".join(f"2026-11-30 13:37:0{i},{i * 37:03} INFO {x}\n" for i, x in enumerate(lines)),
    "HTML": lambda lines: "<pre>" + "\n".join(lines) + "</pre>",
    "a log in JSON": lambda lines: json.dumps({"log": PREFIXES["a log"](lines), "n": 1}),
    "JSON": lambda lines: json.dumps({"body": "\n".join(lines)}),
}
SPLITTERS = {
    "logcat": ("11-30 13:37:01.123  1234  1234 D OkHttp  : ", 4_068),
    "journald": ("Nov 30 13:37:01 host app[123]: ", 49_152),
    "syslog": ("Nov 30 13:37:01 host app[123]: ", 1_024),
    "Heroku": ("2026-11-30T13:37:01.12345{n}+00:00 app[web.1]: ", 10_000),
}
MARKS: dict[str, Callable[[str], str]] = {
    "Markdown": lambda t: "token: " + t.replace("_", "\\_"),
    "a part that is shown otherwise": lambda t: f"<em>{t[:4]}</em>{t[4:]}",
    "places to break it": lambda t: re.sub("(.{8})", r"\1<wbr>", t),
    "a soft hyphen": lambda t: f"the token is {t[:20]}&shy;{t[20:]}",
    "runs of Word": lambda t: f'<w:t>{t[:20]}</w:t></w:r><w:r w:rsidR="00A1"><w:rPr><w:b/></w:rPr><w:t>{t[20:]}</w:t>',
    "two texts of SQL": lambda t: f"select '{t[:20]}' || '{t[20:]}'",
}


@pytest.mark.parametrize("width", [64, 76, 80])
@pytest.mark.parametrize("way", PREFIXES)
def test_a_token_in_lines_with_the_same_before_each_is_put_together(way: str, width: int, tmp_path: Path) -> None:
    assert found(tmp_path, PREFIXES[way](folded(JWT, width))) == ["jwt"]
    assert told(tmp_path, PREFIXES[way](folded(NO_JWT, width))) == "CLEAN"


@pytest.mark.parametrize("behind", [1, 8, 20, 39])
@pytest.mark.parametrize("name", SPLITTERS)
def test_a_token_in_whose_midst_a_log_split_a_line_is_put_together(name: str, behind: int, tmp_path: Path) -> None:
    prefix, most = SPLITTERS[name]
    for secret, keys in ((GHP, ["token"]), (NO_GHP, [])):
        line = ("some words " * most)[: most - behind] + secret + " and more"
        text = "".join(prefix.format(n=n) + part + "\n" for n, part in enumerate((line[:most], line[most:])))
        assert found(tmp_path, "INFO start\n" + text + "INFO end\n") == keys


@pytest.mark.parametrize("way", MARKS)
def test_marks_in_the_midst_of_a_token_are_left_out(way: str, tmp_path: Path) -> None:
    assert found(tmp_path, f"start\n{MARKS[way](GHP)}\nend\n") == ["token"]
    assert told(tmp_path, f"start\n{MARKS[way](NO_GHP)}\nend\n") == "CLEAN"


def test_lines_of_a_log_that_are_whole_are_not_put_together(tmp_path: Path) -> None:
    first, rest = GHP[:20], GHP[20:]
    for text in (
        f"INFO 1 {first}\nINFO 2 {rest}\n",
        f"<w:p>{first}</w:p><w:p>{rest}</w:p>",
        f"<td>{first}</td><td>{rest}</td>",
    ):
        assert told(tmp_path, text) == "CLEAN"
