"""Writes the bill of materials that goes with the wheel: CycloneDX 1.6 in JSON, in ``.dist-info/sboms`` (PEP 770).

Run by the build. The wheel holds nothing of others: its components are what it asks for when it is installed.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

VERSION = "redactfuzz/__init__.py"
"""The one place of the version."""


def bill(project: dict[str, Any]) -> dict[str, Any]:
    """The bill of a project, from its table in pyproject.toml. The same table gives the same bytes."""
    wheel = {
        "type": "application",
        "bom-ref": project["name"],
        "name": project["name"],
        "version": project["version"],
        "description": project["description"],
        "licenses": [{"license": {"id": project["license"]}}],
        "purl": f"pkg:pypi/{project['name']}@{project['version']}",
    }
    optional = [each for group in project.get("optional-dependencies", {}).values() for each in group]
    needed = [_component(each, "required") for each in project["dependencies"]]
    components = needed + [_component(each, "optional") for each in optional]
    depends = [{"ref": project["name"], "dependsOn": [each["bom-ref"] for each in components]}]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": wheel},
        "components": components,
        "dependencies": depends + [{"ref": each["bom-ref"]} for each in components],
    }


def _component(requirement: str, scope: str) -> dict[str, Any]:
    name, versions = re.fullmatch(r"([A-Za-z0-9._-]+)(.*)", requirement.partition(";")[0].strip()).groups()  # type: ignore[union-attr]
    normal = re.sub(r"[-_.]+", "-", name).lower()
    return {
        "type": "library",
        "bom-ref": normal,
        "name": normal,
        "scope": scope,
        "purl": f"pkg:pypi/{normal}",
        "properties": [{"name": "redactfuzz:versions", "value": versions.strip() or "any"}],
    }


if __name__ == "__main__":
    source, target = map(Path, sys.argv[1:])
    table = tomllib.loads(source.read_text("utf-8"))["project"]
    told = re.search(r'^__version__ = "(.*)"$', (source.parent / VERSION).read_text("utf-8"), re.MULTILINE)
    table["version"] = told[1] if told else sys.exit(f"{VERSION} has no __version__")
    target.write_text(json.dumps(bill(table), indent=2) + "\n", "utf-8")
