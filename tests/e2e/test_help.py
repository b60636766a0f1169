"""The first screen comes at once: nothing heavy is imported for it."""

from __future__ import annotations

import subprocess
import sys

from commands import Run

HEAVY = (
    "rich",
    "hypothesis",
    "pytest",
    "attrs",
    "cattrs",
    "redactfuzz.campaign",
    "redactfuzz.threads",
    "redactfuzz.report",
)


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom redactfuzz.cli.main import cli\ncli.main(['--help'], standalone_mode=False)\n"
        f"print('HEAVY', [name for name in {HEAVY!r} if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == "HEAVY []"


def test_the_plugin_imports_nothing_heavy_before_a_scenario_is_collected() -> None:
    code = (
        "import sys\nimport redactfuzz.pytest_plugin\n"
        f"print('HEAVY', [name for name in {HEAVY!r} if name in sys.modules and name != 'pytest'])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == "HEAVY []"


def test_no_verb_needs_pytest() -> None:
    code = (
        "import sys\nsys.modules['pytest'] = sys.modules['hypothesis'] = None\n"
        "from redactfuzz.cli.main import VERBS, cli\n"
        "for verb in VERBS:\n    cli.main([verb, '--help'], standalone_mode=False)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


def test_help_names_every_verb_and_exit_status(cli: Run) -> None:
    ran = cli("--help")
    assert ran.code == 0
    for expected in ("run", "replay", "130 interrupted"):
        assert expected in ran.out


def test_every_verb_has_help(cli: Run) -> None:
    for verb in ("run", "replay"):
        ran = cli(verb, "--help")
        assert ran.code == 0
        assert "--json" in ran.out


def test_an_unknown_verb_exits_2(cli: Run) -> None:
    assert cli("fuzz").code == 2


def test_the_version_is_told(cli: Run) -> None:
    assert cli("--version").out.startswith("redactfuzz 0.")


def test_without_a_verb_the_help_is_shown_in_its_lines(cli: Run) -> None:
    ran = cli()
    assert ran.code in (0, 2)  # by the version of click
    assert {line.strip() for line in cli("--help").out.splitlines()} == {line.strip() for line in ran.both.splitlines()}
