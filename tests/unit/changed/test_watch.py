"""What a process and its children use is seen. A hook stays for ever, so each of these has a process of its own."""

from __future__ import annotations

import json
import py_compile
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import _cffi_backend
import pytest

from redactfuzz.changed.once import is_here
from redactfuzz.changed.watch import Seen, dependencies, inside
from redactfuzz.native.compile.made_from import prerequisites

BEFORE = "import json, os, sys\nfrom redactfuzz.changed.watch import Watch\nwatch = Watch()\n"
AFTER = """
seen = watch.seen()
print()
print(json.dumps({"files": sorted(seen.files), "folders": sorted(seen.folders), "imports": sorted(seen.imports),
                  "searched": sorted(seen.searched)}))
"""


def watched(root: Path, code: str, before: str = "") -> dict[str, list[str]]:
    """Names below ``root``, without it. ``before``: what is done unwatched."""
    command = [sys.executable, "-c", before + BEFORE + code + AFTER]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    told = json.loads(done.stdout.splitlines()[-1])
    prefix = f"{root}/"
    return {kind: [name.removeprefix(prefix) for name in names if kind == "imports" or name.startswith(prefix)]
            for kind, names in told.items()}  # fmt: skip


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path.resolve()
    (root / "data").mkdir()
    (root / "data" / "words.txt").write_text("words", "utf-8")
    (root / "ring.py").write_text("KEY = 1\n", "utf-8")
    return root


@pytest.mark.parametrize(
    ("code", "file"),
    [
        ("open('data/words.txt').read()", "data/words.txt"),
        ("from pathlib import Path; Path('data/words.txt').read_bytes()", "data/words.txt"),
        ("os.close(os.open(b'data/words.txt', os.O_RDONLY))", "data/words.txt"),
        ("try: open('data/missing.txt')\nexcept OSError: pass", "data/missing.txt"),
        ("import ring", "ring.py"),
        ("import ring; del sys.modules['ring']; import ring", "ring.py"),
        ("import runpy; runpy.run_path('ring.py')", "ring.py"),
        ("if (pid := os.fork()) == 0:\n    import ring\n    os._exit(0)\nos.waitpid(pid, 0)", "ring.py"),
        ("if (pid := os.fork()) == 0:\n    open('data/words.txt')\n    os._exit(0)\nos.waitpid(pid, 0)",
         "data/words.txt"),
        ("import subprocess; subprocess.run([sys.executable, 'ring.py'])", "ring.py"),
        ("import threading\nt = threading.Thread(target=lambda: open('data/words.txt'))\nt.start(); t.join()",
         "data/words.txt"),
        ("fd = os.open('data', os.O_RDONLY); os.close(os.open('words.txt', os.O_RDONLY, dir_fd=fd))",
         "data/words.txt"),
        ("fd = os.open('data', os.O_RDONLY); open('words.txt', opener=lambda *a: os.open(*a, dir_fd=fd))",
         "data/words.txt"),
        ("fd = os.open('data', os.O_RDONLY)\n"
         "try: os.open('missing.txt', os.O_RDONLY, dir_fd=fd)\nexcept OSError: pass", "data/missing.txt"),
        ("fd = os.open('data', os.O_RDONLY); open(f'/proc/self/fd/{fd}/words.txt'); os.close(fd)", "data/words.txt"),
        ("fd = os.open('data', os.O_RDONLY); open(f'/dev/fd/{fd}/../ring.py'); os.close(fd)", "ring.py"),
        ("os.symlink('data', 'link'); os.mkdir('data/deep'); os.symlink('data/deep', 'deep')\n"
         "open('deep/../words.txt')", "data/words.txt"),
        ("os.system('cat <data/words.txt; true')", "data/words.txt"),
        ("import subprocess; subprocess.run(['cat', 'words.txt'], cwd='data')", "data/words.txt"),
        ("os.waitpid(os.posix_spawn(sys.executable, [sys.executable, 'ring.py'], os.environ), 0)", "ring.py"),
        ("if (pid := os.fork()) == 0: os.execv(sys.executable, [sys.executable, 'ring.py'])\nos.waitpid(pid, 0)",
         "ring.py"),
    ],
)  # fmt: skip
def test_a_file_that_is_used_is_seen(root: Path, code: str, file: str) -> None:
    assert file in watched(root, code)["files"]


def test_a_database_is_seen_with_what_lies_beside_it(root: Path) -> None:
    told = watched(root, "import sqlite3; sqlite3.connect('file:words.db?mode=rwc', uri=True).close()")
    assert told["files"] == ["words.db", "words.db-journal", "words.db-wal"]


@pytest.mark.parametrize(
    "code",
    [
        "import cffi; library = cffi.FFI().dlopen('./{0}')",
        "import sqlite3; sqlite3.connect('{1}').close(); kept = sqlite3.connect(':memory:')\n"
        "kept.execute(\"attach '{0}' as other\"); kept.execute('select * from other.sqlite_master').fetchall()",
    ],
)  # fmt: skip
def test_what_c_code_has_opened_is_seen_while_it_is_mapped_or_open(root: Path, code: str) -> None:
    name = "words.db" if "sqlite3" in code else "library.so"
    sqlite3.connect(root / "words.db").execute("create table words (word)").close()
    shutil.copy(_cffi_backend.__file__, root / "library.so")
    assert name in watched(root, code.format(name, "other.db"))["files"]


def test_what_was_open_before_it_watched_is_no_source(root: Path) -> None:
    told = watched(root, "pass", before="import os\nheld = os.open('data/words.txt', os.O_RDONLY)\n")
    assert told["files"] == []


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("import cffi, gc; cffi.FFI().dlopen('./library.so'); gc.collect()", "unloaded again"),
        ("from redactfuzz.changed import opened\ndef gone(): raise OSError\nopened.folders = gone\n"
         "os.open('ring.py', os.O_RDONLY)", "'open' was about could not be told"),
    ],
)  # fmt: skip
def test_what_cannot_be_seen_is_said(root: Path, code: str, says: str) -> None:
    shutil.copy(_cffi_backend.__file__, root / "library.so")
    with pytest.raises(subprocess.CalledProcessError) as raised:
        watched(root, code)
    assert "UnseenError" in raised.value.stderr
    assert says in raised.value.stderr


def test_a_module_is_seen_where_only_its_bytecode_is_read(root: Path) -> None:
    py_compile.compile(str(root / "ring.py"), doraise=True)
    forked = "if (pid := os.fork()) == 0:\n    import ring\n    os._exit(0)\nos.waitpid(pid, 0)"
    assert watched(root, forked)["files"] == ["ring.py"]


@pytest.mark.parametrize(
    "code", ["os.listdir('data')", "list(os.scandir('data'))", "list(__import__('glob').glob('data/*'))",
             "os.listdir(os.open('data', os.O_RDONLY))", "list(os.scandir(os.open('data', os.O_RDONLY)))",
             "list(os.fwalk('data'))"]
)  # fmt: skip
def test_a_folder_that_is_listed_is_seen(root: Path, code: str) -> None:
    assert watched(root, code)["folders"] == ["data"]


def test_of_a_folder_that_is_walked_what_is_opened_is_seen_and_nothing_else(root: Path) -> None:
    (root / "data" / "deep").mkdir()
    for name in ("deep/one", "deep/other", "unread"):
        (root / "data" / name).touch()
    opens = "    try: os.close(os.open('one', os.O_RDONLY, dir_fd=fd))\n    except OSError: pass"
    told = watched(root, f"for _, _, _, fd in os.fwalk('data'):\n{opens}")
    assert told["folders"] == ["data", "data/deep"]
    assert "data/deep/one" in told["files"]
    assert not {"data/deep/other", "data/unread", "data/words.txt"} & set(told["files"])


def test_a_folder_that_we_list_by_a_descriptor_is_no_source(root: Path) -> None:
    told = watched(root, "from redactfuzz.campaign.corpus.files import names\n"
                         "assert names(os.open('data', os.O_RDONLY)) == ['words.txt']")  # fmt: skip
    assert told["folders"] == []


def test_who_only_looks_for_modules_lists_no_folder_and_has_tried_a_name(root: Path) -> None:
    seen = watched(root, "try: import no_such_module\nexcept ImportError: pass")
    assert seen["folders"] == []
    assert "no_such_module" in seen["imports"]


@pytest.mark.parametrize(
    "code",
    [
        "import importlib\ntry: importlib.import_module('no_such_module')\nexcept ImportError: pass",
        "import importlib.util; importlib.util.find_spec('no_such_module')",
        "sys.path.insert(0, 'data')\ntry: import no_such_module\nexcept ImportError: pass\nsys.path.pop(0)",
    ],
)
def test_a_name_that_is_looked_for_in_any_way_is_seen_with_where_that_is(root: Path, code: str) -> None:
    told = watched(root, code)
    assert "no_such_module" in told["imports"]
    assert ("data" in told["searched"]) == ("'data'" in code)


def test_a_part_of_a_package_is_looked_for_in_its_folder(root: Path) -> None:
    (root / "pkg").mkdir()
    (root / "pkg" / "__init__.py").touch()
    told = watched(root, "import importlib\ntry: importlib.import_module('pkg.extra')\nexcept ImportError: pass")
    assert {"pkg", "pkg.extra"} <= set(told["imports"])
    assert told["searched"] == ["pkg"]


def test_what_is_not_used_is_not_seen(root: Path) -> None:
    told = watched(root, "pass")
    assert (told["files"], told["folders"], told["searched"]) == ([], [], [])
    assert "ring" not in told["imports"]


def test_where_somebody_closes_the_file_of_notes_it_is_an_error_and_not_less(root: Path) -> None:
    code = "os.closerange(3, 100)\n" + "taken = [os.open('data/words.txt', os.O_RDONLY) for _ in range(9)]\n"
    with pytest.raises(subprocess.CalledProcessError) as raised:
        watched(root, code)
    assert "somebody has closed the file" in raised.value.stderr


def test_only_what_lies_in_the_project_is_kept_under_each_of_its_names(root: Path, tmp_path: Path) -> None:
    (root / "link.py").symlink_to("ring.py")
    outside = root.parent / "elsewhere.py"
    (root / "env").mkdir()
    (root / "env" / "pyvenv.cfg").touch()
    kept = (root / ".git" / "HEAD", root / "x" / "site-packages" / "y", root / "env" / "bin" / "python")
    paths = frozenset(map(str, (root / "link.py", outside, *kept)))
    assert inside(paths, root) == {"link.py", "ring.py", "x/site-packages/y"}, "vendored, and in no environment"
    searched = frozenset({str(root / "lib"), str(root.parent)})
    seen = Seen(paths, frozenset({str(root), str(root.parent)}), frozenset({"ring"}), searched=searched)
    known = dependencies(seen, root, {"flask": "3.1"})
    assert [path for path, held in known.files.items() if held] == ["link.py", "ring.py"]
    assert (set(known.folders), set(known.imports), dict(known.installed)) == ({"."}, {"ring"}, {"flask": "3.1"})
    assert set(known.places) == {".", "lib", str(root.parent)}


def test_a_name_that_a_file_imports_in_another_run_counts(root: Path) -> None:
    (root / "ring.py").write_text("def rarely():\n    import speedups\n", "utf-8")
    (root / "half.py").write_text("import (", "utf-8")
    seen = Seen(frozenset({str(root / "ring.py"), str(root / "half.py")}), searched=frozenset({str(root)}))
    known = dependencies(seen, root, {})
    assert known.imports == {"speedups"}
    assert is_here(known, root)
    (root / "speedups.py").touch()
    assert not is_here(known, root)


def test_a_name_that_holds_a_secret_is_not_kept() -> None:
    seen = Seen(frozenset({"/p/a.py", "/p/hunter2"}), frozenset({"/p/hunter2/x"}), frozenset({"hunter2", "app"}))
    kept = seen.without(lambda names: {name for name in names if "hunter2" in name})
    assert kept == Seen(frozenset({"/p/a.py"}), frozenset(), frozenset({"app"}))


@pytest.mark.parametrize(
    ("rule", "files"),
    [
        ("a.o: a.c b.h\n", ["a.c", "b.h"]),
        ("a.o: a.c \\\n b.h \\\n  /x/c.h\n", ["a.c", "b.h", "/x/c.h"]),
        ("a.o: my\\ file.c d$$.h e\\#.h\n", ["my file.c", "d$.h", "e#.h"]),
        ("a.o:\n", []),
    ],
)
def test_a_rule_of_the_compilers_is_read(rule: str, files: list[str]) -> None:
    assert prerequisites(rule) == files


def test_the_folder_of_temporary_files_is_no_source(root: Path) -> None:
    assert watched(root, "os.listdir('data')")["folders"] == ["data"]
    code = "import tempfile; tempfile.tempdir = 'data'\nos.listdir('data'); tempfile.TemporaryFile().close()"
    told = watched(root, code)
    assert "data" not in told["folders"] + told["files"]


def test_what_is_removed_with_its_folder_is_not_looked_for_in_the_working_one(root: Path) -> None:
    (root / "other" / "words").mkdir(parents=True)
    told = watched(root, "import shutil; shutil.rmtree('other')")
    assert "words" not in told["files"]
    assert told["folders"] == []
    assert watched(root, "import shutil; shutil.copy('ring.py', 'data')")["files"][-1] == "ring.py"


def test_who_looks_for_the_folder_of_temporary_files_while_it_is_watched_finds_it(root: Path) -> None:
    """It writes there to see whether it can, with a lock held: of that the watch is told."""
    told = watched(root, "import tempfile; tempfile.tempdir = None; tempfile.gettempdir(); open('ring.py').close()")
    assert told["files"] == ["ring.py"]


def test_who_asks_what_a_function_of_os_can_is_told_the_same_while_it_is_watched() -> None:
    can = "(os.supports_follow_symlinks, os.supports_dir_fd)"
    asks = f"print([name for can in {can} for name in ('stat', 'access') if getattr(os, name) in can])"
    command = [sys.executable, "-c"]
    plain = subprocess.run([*command, f"import os\n{asks}"], capture_output=True, check=True).stdout
    watched = subprocess.run([*command, f"{BEFORE}{asks}"], capture_output=True, check=True).stdout
    assert plain == watched
    assert b"stat" in plain
