"""The house in figures: ``ci/house.py TREE...`` prints a table with a column for each tree (a checkout of redactfuzz).

References between our C files are those of the linker: each is compiled (``cc -O0``), and ``nm`` says what it defines
and what it asks for. A cycle is a set of more than one file, or folder, of which each reaches each other.
"""

from __future__ import annotations

import ast
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOMS = ("redactfuzz/native/runtime", "redactfuzz/_core")
"""C that is compiled without Python's headers."""
SUFFIXES = {".py", ".pyi", ".c", ".h", ".S", ".cpp", ".toml", ".txt", ".md"}
MOST = 25


def files(tree: Path) -> list[Path]:
    """Every file of ours that git keeps."""
    listed = subprocess.run(["git", "ls-files"], cwd=tree, capture_output=True, text=True, check=True).stdout
    return [Path(line) for line in listed.splitlines() if Path(line).suffix in SUFFIXES]


def large_folders(tree: Path) -> str:
    counts = Counter(path.parent for path in files(tree) if path.parts[0] in ("redactfuzz", "tests", "ci"))
    large = sorted(((count, str(folder)) for folder, count in counts.items() if count > MOST), reverse=True)
    return f"{len(large)}: " + ", ".join(f"{folder} {count}" for count, folder in large) if large else "0"


def largest(tree: Path) -> str:
    lengths = [(text(tree / path).count("\n"), str(path)) for path in files(tree) if path.parts[0] == "redactfuzz"]
    code = [(length, name) for length, name in lengths if name.endswith((".py", ".c", ".h"))]
    return f"{max(code)[0]} ({max(code)[1]}), {sum(length for length, _ in code) / len(code):.0f} on average"


def text(path: Path) -> str:
    return path.read_text("utf-8", "replace")


def cycles(graph: Mapping[str, set[str]]) -> list[list[str]]:
    """Strongly connected components of more than one member (R. Tarjan, 1972, without recursion by reachability)."""
    reach: dict[str, set[str]] = {}
    for start in graph:
        seen, left = set(), list(graph[start])
        while left:
            one = left.pop()
            if one not in seen:
                seen.add(one)
                left += graph.get(one, ())
        reach[start] = seen
    groups = {frozenset(b for b in reach[a] if a in reach.get(b, ())) | {a} for a in reach if a in reach[a]}
    return sorted((sorted(group) for group in groups if len(group) > 1), key=len, reverse=True)


def linked(tree: Path) -> dict[str, set[str]]:
    """File -> files whose symbols it asks for."""
    includes = [f"-I{tree / room}" for room in ROOMS]
    sources = [path for room in ROOMS for path in sorted((tree / room).rglob("*.[cS]"))]
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:

        def symbols(source: Path) -> tuple[str, set[str], set[str]]:
            target = Path(folder, str(source.relative_to(tree)).replace("/", "-") + ".o")
            command = ["cc", "-std=gnu11", "-w", *includes, "-c", str(source), "-o", str(target)]
            subprocess.run(command, check=True)
            listed = subprocess.run(["nm", str(target)], capture_output=True, text=True, check=True).stdout
            rows = [line.split()[-2:] for line in listed.splitlines()]
            has = {name for kind, name in rows if kind.isupper() and kind != "U"}
            return str(source.relative_to(tree)), has, {name for kind, name in rows if kind == "U"}

        found = list(pool.map(symbols, sources))
    home = {name: file for file, has, _ in found for name in has}
    return {file: {home[name] for name in wants if name in home} - {file} for file, _, wants in found}


def imported(tree: Path) -> dict[str, set[str]]:
    """Module -> modules of ours that it imports, wherever the import stands."""
    root = tree / "redactfuzz"
    modules = {
        ".".join(("redactfuzz", *path.relative_to(root).with_suffix("").parts)): path for path in root.rglob("*.py")
    }
    graph: dict[str, set[str]] = {name: set() for name in modules}
    for name, path in modules.items():
        for node in ast.walk(ast.parse(text(path))):
            if isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    whole = f"{node.module}.{alias.name}"
                    graph[name] |= {each for each in (whole, node.module) if each in modules}
    return graph


def folders(graph: Mapping[str, set[str]], folder: Callable[[str], str]) -> dict[str, set[str]]:
    """The same between folders."""
    joined: dict[str, set[str]] = defaultdict(set)
    for name, wants in graph.items():
        joined[folder(name)] |= {folder(each) for each in wants} - {folder(name)}
    return joined


def room(module: str) -> str:
    """The folder of a module. Those of the root are each by itself: some are the ground, some the face of all."""
    folder = module.rpartition(".")[0]
    return module if folder == "redactfuzz" else folder


def told(found: Iterable[list[str]]) -> str:
    sizes = [len(group) for group in found]
    return f"{len(sizes)}" + (f" (of {', '.join(map(str, sizes))})" if sizes else "")


def figures(tree: Path) -> dict[str, str]:
    native, python = linked(tree), imported(tree)
    return {
        "folders with more than 25 files": large_folders(tree),
        "longest source file, lines": largest(tree),
        "C files of the native runtime and the core": str(len(native)),
        "cycles of their folders, at link level": told(cycles(folders(native, lambda name: name.rpartition("/")[0]))),
        "cycles of their files, at link level": told(cycles(native)),
        "Python modules": str(len(python)),
        "cycles of their folders": told(cycles(folders(python, room))),
        "cycles of Python modules": told(cycles(python)),
    }


def main(trees: list[Path]) -> None:
    columns = [figures(tree) for tree in trees]
    print("| what | " + " | ".join(tree.name for tree in trees) + " |")
    print("|---" * (len(trees) + 1) + "|")
    for name in columns[0]:
        print(f"| {name} | " + " | ".join(column[name] for column in columns) + " |")


if __name__ == "__main__":
    main([Path(argument).resolve() for argument in sys.argv[1:]])
