"""Writes ``docs/reference/scan.schema.json`` and ``run.schema.json``: a line of ``scan --json``, and of ``run --json``.

JSON Schema, draft 2020-12. ``--check`` writes nothing, and says with exit status 1 that a file is another.
"""

from __future__ import annotations

import copy
import json
import sys
from typing import Any

import event_schema

from redactfuzz.model.exposure import DumpReport
from redactfuzz.model.measured import Measurement
from redactfuzz.model.outcome import LeakKind
from redactfuzz.model.verdict import Certificate, Control, Verdict
from redactfuzz.report import dump_lines, json_lines

FOLDER = event_schema.FILE.parent
_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_TEXT, _NUMBER, _WHOLE, _BOOL = {"type": "string"}, {"type": "number"}, {"type": "integer"}, {"type": "boolean"}
_TEXTS = {"type": "array", "items": _TEXT}


def _null(of: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [of, {"type": "null"}]}


def _object(**properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _list(of: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": of}


def _whole(definitions: dict[str, Any]) -> dict[str, Any]:
    """Unlike an event, a report has all of its fields, those at their default too."""
    made = copy.deepcopy(definitions)
    for each in made.values():
        each["required"] = list(each["properties"])
    return made


def scan() -> dict[str, Any]:
    """The fields of the report, and what the writer adds."""
    definitions: dict[str, Any] = {}
    event_schema.of_class(DumpReport, definitions)
    definitions = _whole(definitions)
    top = definitions.pop("DumpReport")
    added = {
        "verdict": {"enum": ["LEAK", "NOTED", "CLEAN", "INCOMPLETE"]},
        "schema": {"const": dump_lines.SCHEMA},
        "bytes": _WHOLE,
        "bytes_read": _WHOLE,
        "complete": _BOOL,
    }
    for kind in ("Exposure", "KeyFinding"):
        definitions[kind]["properties"]["fingerprint"] = _TEXT
        definitions[kind]["required"].append("fingerprint")
    properties = {**added, **top["properties"]}
    return {
        "$schema": _DRAFT,
        "title": "redactfuzz scan --json: the verdict on one dump, a line of JSON",
        **_object(**properties),
        "$defs": dict(sorted(definitions.items())),
    }


def run() -> dict[str, Any]:
    """As ``redactfuzz.report.json_lines`` writes it."""
    kind, place = _null({"enum": [str(one) for one in LeakKind]}), _null(_TEXT)
    leak = _object(
        canary=_TEXT, encoding=_TEXT, offset=_WHOLE, length=_WHOLE, kind=kind, dump=_TEXT, hash_prefix=_TEXT,
        where=_TEXT, part=_TEXT, place=place,
    )  # fmt: skip
    bug = _null(_object(kind=_TEXT, summary=_TEXT, thread=_TEXT))
    verdict = {"enum": [str(one) for one in Verdict]}
    shared = {"preemptions": _null(_WHOLE), "switches": _null(_WHOLE), "leaks": _list(leak), "bug": bug}
    told = {"cause": place, "repro": place}
    other = _object(verdict=verdict, kind=kind, label=place, execution=_null(_WHOLE), **shared, **told)
    certificates: dict[str, Any] = {}
    event_schema.of_class(Certificate, certificates)
    event_schema.of_class(Control, certificates)
    control = _whole(certificates)["Control"]
    certificate = copy.deepcopy(certificates["Certificate"])
    written = json_lines.CERTIFICATE_FIELDS
    certificate["properties"] = {
        **{name: certificate["properties"].get(name, _TEXT) for name in written},
        "controls": _list(control),
    }
    certificate["required"] = list(certificate["properties"])
    measured: dict[str, Any] = {}
    event_schema.of_class(Measurement, measured)
    body = _object(
        schema={"const": json_lines.SCHEMA}, scenario=_TEXT, verdict=verdict, kind=kind, label=place, reason=place,
        executions=_WHOLE, first_leak_execution=_null(_WHOLE), executions_per_s=_NUMBER, seconds=_NUMBER,
        seconds_after={"type": "object", "additionalProperties": _NUMBER}, seed=_null(_WHOLE), strategy=place,
        **shared, **told, granularity=place, covered=_TEXTS, opaque=_TEXTS, controls=_list(control),
        certificate=_null(certificate), others=_list(other), interrupted=_BOOL, notes=_TEXTS,
    )  # fmt: skip
    body["properties"]["likelihood"] = {"$ref": "#/$defs/Measurement"}
    body["properties"]["part"] = _object(number=_WHOLE, of=_WHOLE, known=_TEXT)  # where there is one
    return {
        "$schema": _DRAFT,
        "title": "redactfuzz run --json: what became of one scenario, a line of JSON",
        **body,
        "$defs": dict(sorted({**certificates, **measured}.items())),
    }


FILES = {"scan.schema.json": scan, "run.schema.json": run}


def main() -> int:
    """See above."""
    stale = 0
    for name, made in FILES.items():
        text = json.dumps(made(), indent=1, ensure_ascii=False) + "\n"
        file = FOLDER / name
        if "--check" not in sys.argv[1:]:
            file.write_text(text, "utf-8")
        stale |= not file.is_file() or file.read_text("utf-8") != text
    return int(stale)


if __name__ == "__main__":
    sys.exit(main())
