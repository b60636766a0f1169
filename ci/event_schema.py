"""Writes ``docs/reference/rfevents.schema.json``: what a line of ``rfevents/1`` holds, from the classes of its events.

JSON Schema, draft 2020-12. ``--check`` writes nothing, and says with exit status 1 that the file is another.
"""

from __future__ import annotations

import enum
import json
import sys
import types
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

import attrs

from redactfuzz.model.written import KINDS, VERSION

FILE = Path(__file__).parents[1] / "docs" / "reference" / "rfevents.schema.json"
_NUMBER = {"type": ["number", "null"], "description": "null: infinite"}
_SIMPLE: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    float: _NUMBER,
    type(None): {"type": "null"},
}


def schema() -> dict[str, Any]:
    """Of one line: an object of one of the KINDS."""
    definitions: dict[str, Any] = {}
    for kind in KINDS:
        of_class(kind, definitions)
        found = definitions[kind.__name__]
        found["properties"] = {"v": {"const": VERSION}, "event": {"const": kind.__name__}, **found["properties"]}
        found["required"] = ["v", "event", *found["required"]]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"rfevents/{VERSION}: one event of redactfuzz, a line of JSON",
        "oneOf": [{"$ref": f"#/$defs/{kind.__name__}"} for kind in KINDS],
        "$defs": dict(sorted(definitions.items())),
    }


def of_class(kind: type[Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """A reference to the class, which is added to the definitions with what its fields are of."""
    if kind.__name__ not in definitions:
        definitions[kind.__name__] = {}  # it may hold itself
        hints = get_type_hints(kind)
        fields = [each for each in attrs.fields(kind) if each.init]
        definitions[kind.__name__] = {
            "type": "object",
            "description": (kind.__doc__ or "").partition("\n\n")[0].replace("\n", " ").strip(),
            "properties": {each.name: _of(hints[each.name], definitions) for each in fields},
            "required": [each.name for each in fields if each.default is attrs.NOTHING],
            "additionalProperties": False,
        }
    return {"$ref": f"#/$defs/{kind.__name__}"}


def _of(hint: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    if hint in _SIMPLE:
        return dict(_SIMPLE[hint])
    origin, given = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return {"anyOf": [_of(each, definitions) for each in given]}
    if origin is tuple and given[1:] == (...,):
        return {"type": "array", "items": _of(given[0], definitions)}
    if origin is tuple:
        items = [_of(each, definitions) for each in given]
        return {"type": "array", "prefixItems": items, "minItems": len(items), "maxItems": len(items)}
    if origin in (frozenset, set):
        return {"type": "array", "items": _of(given[0], definitions), "uniqueItems": True}
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": _of(given[1], definitions)}
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return {"enum": [each.value for each in hint]}
    return of_class(hint, definitions)


def main() -> int:
    """See above."""
    text = json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"
    if "--check" in sys.argv[1:]:
        return int(not FILE.is_file() or FILE.read_text("utf-8") != text)
    FILE.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
