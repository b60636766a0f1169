"""Imports the files that hold scenarios, one at a time, and takes them out again."""

from __future__ import annotations

import ast
import contextlib
import importlib.util
import inspect
import linecache
import os
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import attrs
import click

from redactfuzz.campaign.face.scenario import ATTRIBUTE, spec_of
from redactfuzz.campaign.session.spec import relative
from redactfuzz.cli.bytecode import read_what_has_just_changed, source_loader
from redactfuzz.cli.given import drawn
from redactfuzz.model.canary import literal, mint
from redactfuzz.pytest_rules import Rules, rules_for
from redactfuzz.report.internal import PACKAGE
from redactfuzz.scan.masker import Masker
from redactfuzz.threads.restore.surroundings import beginning_in


def confining(command: Callable[..., Any]) -> Callable[..., Any]:
    """The option of the commands that run scenarios."""
    text = "Let scenarios in Python write anywhere, not only below race.tmp_path and where tempfile makes files."
    return click.option("--unconfined", is_flag=True, help=text)(command)


_NEAR = 4
"""Lines over which a call goes."""
_HIDDEN = "(this line is not shown: a secret may stand in it)"


class LoadError(Exception):
    """A scenario file that cannot be imported. The message says why in one line."""

    def __init__(self, message: str, detail: str, tried: str = "") -> None:
        """``detail``: the user's traceback, without frames of ours; ``tried``: where modules were looked for."""
        super().__init__(message)
        self.detail = detail
        self.tried = tried

    @property
    def notes(self) -> tuple[str, ...]:
        """What a report says below the message."""
        return tuple(each for each in (self.detail, self.tried) if each)


@attrs.frozen(eq=False)
class Loaded:
    """A scenario by the name under which its file holds it."""

    name: str
    function: Any

    def is_called(self, name: str) -> bool:
        """Whether ``name`` is this one, or that of its function, under which reports and repro files know it."""
        return name in (self.name, spec_of(drawn(self.function)).name)


@contextlib.contextmanager
def loaded(file: Path) -> Iterator[list[Loaded]]:
    """The scenarios of a file, in the order of their definition, as long as the context lasts. Raises LoadError.

    It is imported as pytest would, under the same name, so that a repro file (which names modules) replays in both.
    Afterwards it is removed again with its siblings: the next folder may hold files of the same names.
    """
    here, file = str(Path.cwd()), file.absolute()
    rules = rules_for(file, Path(here))
    before, path_before = dict(sys.modules), list(sys.path)
    # Not invalidated, an import would miss a file that was written within the resolution of its folder's time stamp.
    importlib.invalidate_caches()
    read_what_has_just_changed()
    try:
        sys.path[:0] = map(str, rules.paths)
        if here not in sys.path:
            sys.path.append(here)  # as `python -m pytest` does, which is how many a test is run
        for conftest in rules.conftests:
            sys.modules.pop(conftest.stem, None)  # of a folder further out
            _imported(conftest, rules)
        scenarios = _scenarios(_imported(file, rules))
        with _back_from(here):
            yield scenarios
    finally:
        with contextlib.suppress(OSError):  # it is gone: what comes then says so
            os.chdir(here)  # where it could not be imported
        folders = [rules.root, *rules.paths, *(Path(each) for each in sys.path if each not in path_before)]
        sys.path[:] = path_before
        for added in [key for key in sys.modules if key not in before]:
            if any(_below(sys.modules[added], folder) for folder in folders):
                del sys.modules[added]


@contextlib.contextmanager
def _back_from(here: str) -> Iterator[None]:
    """Executions begin where the import has led, as tests of pytest do, and we go on where we were started."""
    led_to = here
    with contextlib.suppress(OSError):  # to a folder that is gone by now
        led_to = str(Path.cwd())
    os.chdir(here)
    with beginning_in(led_to) if led_to != here else contextlib.nullcontext():
        yield


def _imported(file: Path, rules: Rules) -> ModuleType:
    folder, name = rules.module(file)
    if folder is not None and rules.mode == "append":
        sys.path.append(str(folder))
    elif folder is not None:
        sys.path.insert(0, str(folder))
    if name in sys.modules:
        name = f"redactfuzz_scenarios.{file.stem}"
    with _user_code(file, rules):
        if folder is not None and "." in name and not name.startswith("redactfuzz_scenarios."):
            return importlib.import_module(name)
        if folder is None:
            _make_packages(file.parent, name.rpartition(".")[0])
        return _by_file(file, name)


def _make_packages(folder: Path, name: str) -> None:
    """Those above a module whose folder is not on ``sys.path``, so that its relative imports work."""
    if not name:
        return
    _make_packages(folder.parent, name.rpartition(".")[0])
    init = folder / "__init__.py"
    if name in sys.modules:
        return
    if init.is_file():
        _by_file(init, name)
    else:
        made = sys.modules[name] = ModuleType(name)
        made.__path__ = [str(folder)]


def _by_file(file: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, file, loader=source_loader(name, str(file)))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@contextlib.contextmanager
def _user_code(file: Path, rules: Rules) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        tried = _tried(file, rules) if isinstance(error, ImportError) else ""
        text = f"{file.name} cannot be imported: {type(error).__name__}."
        raise LoadError(text, _traceback(error), tried) from None


def _tried(file: Path, rules: Rules) -> str:
    """Where the modules that ``file`` imports were looked for."""
    said = f" ({len(rules.paths)} from pythonpath in {relative(str(rules.ini))})" if rules.paths else ""
    first = [relative(each) for each in sys.path[: len(rules.paths) + len(rules.conftests) + 1]]
    return (
        f"Modules were looked for in {', '.join(first)}{said}, then where this Python has its own, then in the working"
        f" directory, as pytest would with import mode {rules.mode}. If pytest finds them: pytest {relative(str(file))}"
    )


def _traceback(error: BaseException) -> str:
    """The user's part of a traceback: no frame of ours, none of the import system."""
    described, files = traceback.TracebackException.from_exception(error), set[str]()
    chain: traceback.TracebackException | None = described
    while chain is not None:
        for frame in [
            frame
            for frame in chain.stack
            if Path(frame.filename).is_relative_to(PACKAGE) or frame.filename.startswith("<frozen importlib")
        ]:
            chain.stack.remove(frame)
        for index, frame in enumerate(chain.stack):
            if _plants(frame.filename, frame.lineno or 0):
                chain.stack[index] = traceback.FrameSummary(frame.filename, frame.lineno, frame.name, line=_HIDDEN)
        if isinstance(chain, traceback.TracebackException) and getattr(chain, "text", None):
            chain.text = _HIDDEN if _plants(chain.filename or "", int(chain.lineno or 0)) else chain.text
        files |= {frame.filename for frame in chain.stack}
        chain = chain.__cause__ or chain.__context__
    return _masked("".join(described.format()).rstrip(), files)


def _masked(text: str, files: Iterable[str]) -> str:
    """Without what these files are going to plant, in whatever form the text has it: no scenario has planted it yet."""
    values = sorted({value for file in files for value in _planted(file)}, key=repr)
    canaries = {}
    for number, value in enumerate(values, 1):
        with contextlib.suppress(ValueError):  # too little for a secret: ``literal`` would refuse it
            name = f"literal {number}"
            canaries[name] = mint(0, name, literal(value), 1)
    return Masker(0)([text], [], canaries).get(text, text) if canaries else text


def _planted(file: str) -> set[str | bytes]:
    """The values in a file of which a ``literal`` in it is made."""
    source = "".join(linecache.getlines(file))
    try:
        tree = ast.parse(source if "literal" in source else "")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    nodes = list(ast.walk(tree))
    calls = [node for node in nodes if isinstance(node, ast.Call) and "literal" in ast.unparse(node.func)]
    given = [part for call in calls for one in (*call.args, *call.keywords) for part in ast.walk(one)]
    names = {part.id for part in given if isinstance(part, ast.Name)}
    for node in nodes:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(one, ast.Name) and one.id in names for one in targets) and getattr(node, "value", None):
            given += ast.walk(node.value)  # type: ignore[attr-defined]  # an assignment of whichever kind
    return {part.value for part in given if isinstance(part, ast.Constant) and isinstance(part.value, str | bytes)}


def _plants(file: str, number: int) -> bool:
    """Whether a value of the user's may stand in this line: where one is planted, or a few lines before."""
    lines = linecache.getlines(file)[max(0, number - _NEAR) : number + 1]
    return any(word in line for line in lines for word in ("literal", "canary("))


def _scenarios(module: ModuleType) -> list[Loaded]:
    """Those of its classes as well, which only pytest makes: so it is said of them, and none is missing unsaid."""
    there = list(_held(module, module.__name__))
    found = {id(value): Loaded(name, value) for name, value in reversed(there)}
    order = [name for name, _ in there]
    return sorted(found.values(), key=lambda loaded: (_line(loaded.function), order.index(loaded.name)))


def _held(holder: ModuleType | type, module: str, inside: str = "") -> Iterator[tuple[str, Any]]:
    """(name, scenario) of a module or class, and of the classes in it."""
    for name, held in list(vars(holder).items()):
        value = held.__func__ if isinstance(held, staticmethod | classmethod) else held
        if getattr(value, "__module__", None) != module:
            continue
        if isinstance(value, type) and value is not holder and value.__qualname__ == f"{inside}{name}":
            yield from _held(value, module, f"{inside}{name}.")
        elif callable(value) and hasattr(value, ATTRIBUTE):
            yield f"{inside}{name}", value


def _line(function: Any) -> int:
    code = getattr(inspect.unwrap(drawn(function)), "__code__", None)
    return code.co_firstlineno if code is not None else 0


def _below(module: ModuleType, root: Path) -> bool:
    file = getattr(module, "__file__", None)
    if not isinstance(file, str) or not file.endswith(".py") or "site-packages" in file:
        return False
    path = Path(file)
    return path.is_relative_to(root) and not path.is_relative_to(PACKAGE)
