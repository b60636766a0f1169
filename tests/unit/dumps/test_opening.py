"""From a path to images: whatever is there, nothing hangs, nothing is taken for read that was not."""

from __future__ import annotations

import gzip
import io
import os
import socket
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from redactfuzz.dumps.readers.image import Image
from redactfuzz.dumps.readers.mapped import ranges, window
from redactfuzz.dumps.readers.opening import NothingToRead, images
from redactfuzz.model.exposure import Gap


def read(path: object) -> tuple[list[tuple[str, bytes]], list[Gap]]:
    seen, gaps = [], []
    for one in images(str(path)):
        if isinstance(one, Gap):
            gaps.append(one)
        else:
            seen.append((one.name, bytes(one.data)))
    return seen, gaps


def test_a_file_is_one_image(tmp_path: Path) -> None:
    path = tmp_path / "core"
    path.write_bytes(b"abc" * 1000)
    assert read(path) == ([(str(path), b"abc" * 1000)], [])


def test_an_empty_file_is_an_empty_image(tmp_path: Path) -> None:
    path = tmp_path / "core"
    path.touch()
    assert read(path) == ([(str(path), b"")], [])


def test_a_file_of_the_kernel_that_has_no_size_is_read() -> None:
    ((name, data),), gaps = read("/proc/self/status")
    assert name == "/proc/self/status"
    assert data.startswith(b"Name:")
    assert not gaps


def test_a_folder_a_fifo_a_socket_and_a_device_are_named_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(tmp_path / "socket"))
        for path, what in [
            (tmp_path, "a folder"),
            (tmp_path / "fifo", "a FIFO"),
            (tmp_path / "socket", "a socket"),
            (Path(os.devnull), "a device"),
        ]:
            with pytest.raises(NothingToRead, match=f"the path is {what}, not a file"):
                read(path)


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NothingToRead, match="No such file"):
        read(tmp_path / "none")
    with pytest.raises(NothingToRead, match="cannot be read"):
        read("with\0nul")
    with pytest.raises(NothingToRead, match="File name too long"):
        read(tmp_path / ("x" * 300))
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(NothingToRead, match="symbolic links"):
        read(tmp_path / "loop")


def test_what_may_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "core"
    path.write_bytes(b"x")

    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)  # the superuser may read what nobody may
    with pytest.raises(NothingToRead, match="Permission denied"):
        read(path)


def test_standard_input_is_read_and_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    data = gzip.compress(b"the core")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    assert read("-") == ([("-", data), ("-!gzip", b"the core")], [])


def test_a_file_that_grows_meanwhile_is_not_whole(tmp_path: Path) -> None:
    path = tmp_path / "core"
    path.write_bytes(b"x" * 5000)
    seen = images(path)
    image = next(seen)
    assert isinstance(image, Image)
    with path.open("ab") as file:
        file.write(b"more")
    (gap,) = seen
    assert isinstance(gap, Gap)
    assert (gap.offset, gap.length, gap.harmless) == (5000, 4, False)
    assert "has grown" in gap.reason


def test_a_file_that_is_written_to_meanwhile_is_not_whole(tmp_path: Path) -> None:
    path = tmp_path / "core"
    path.write_bytes(b"x" * 5000)
    os.utime(path, (1, 1))
    seen = images(path)
    next(seen)
    with path.open("r+b") as file:
        file.write(b"other")
    (gap,) = seen
    assert isinstance(gap, Gap)
    assert "was written to" in gap.reason


@pytest.mark.parametrize("left", [0, 1, 4096, 10_000])
def test_a_file_that_shrinks_while_it_is_read_kills_nobody(tmp_path: Path, left: int) -> None:
    path = tmp_path / "core"
    path.write_bytes(b"x" * 100_000)
    seen = images(path)
    image = next(seen)
    assert isinstance(image, Image)
    os.truncate(path, left)
    assert bytes(image.data).rstrip(b"\0") == b"x" * left
    (gap,) = seen
    assert isinstance(gap, Gap)
    assert "became shorter" in gap.reason
    assert (gap.offset, gap.length) == (left, 100_000 - left)


def test_another_bus_error_is_still_one(tmp_path: Path) -> None:
    """Only the maps that are read are guarded: what else faults ends the process as ever."""
    code = """
        import mmap, os, sys
        from redactfuzz.dumps.readers.opening import images
        path = sys.argv[1]
        for name in ("guarded", "other"):
            with open(path + name, "wb") as file:
                file.write(b"x" * 100_000)
        file = open(path + "other", "rb")
        other = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        seen = images(path + "guarded")
        image = next(seen)
        os.truncate(path + "guarded", 10)
        os.truncate(path + "other", 10)
        bytes(image.data)
        print("alive", flush=True)
        bytes(other)
        print("never")
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), f"{tmp_path}/"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (-7, "alive\n")


def test_windows_cover_a_large_image_once_and_overlap(tmp_path: Path) -> None:
    path, size = tmp_path / "core", (150 << 20) + 123
    with path.open("wb") as file:
        file.truncate(size)
        for at in range(0, size, 1 << 20):
            file.seek(at)
            file.write(at.to_bytes(8, "little"))
    seen = images(path)  # closed when nobody holds it
    image = next(seen)
    assert isinstance(image, Image)
    covered = 0
    for its in ranges(image):
        first, last, start, end = its
        with window(image, its) as shown:
            assert start == covered
            assert first <= start < end <= last == first + shown.size
            assert first == 0 or start - first >= 1 << 20
            at = -(-first // (1 << 20)) * (1 << 20)
            assert shown.data[at - first : at - first + 8] == at.to_bytes(8, "little")
            assert shown.whole is image
        covered = end
    assert covered == size


def test_a_small_image_is_one_window() -> None:
    image = Image("x", b"abc")
    assert ranges(image) == [(0, 3, 0, 3)]
    with window(image, (0, 3, 0, 3)) as shown:
        assert shown is image
    assert image.whole is image


def test_find_looks_across_its_steps(tmp_path: Path) -> None:
    path = tmp_path / "core"
    with path.open("wb") as file:
        file.write(b"." * (20 << 20))
        file.seek((16 << 20) - 3)
        file.write(b"needle")
    seen = images(path)  # closed when nobody holds it
    image = next(seen)
    assert isinstance(image, Image)
    assert image.find(b"needle") == (16 << 20) - 3
    assert image.find(b"needles") == -1
    assert Image("x", b"needle").find(b"needle") == 0
