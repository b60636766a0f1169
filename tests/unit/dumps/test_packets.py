"""Secrets over the borders of packets, whatever their order and format; and streams that hold none."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
import scattered_builder as built
from scattered_scans import DER, PUBLIC, SECRETS, said

from redactfuzz.dumps.readers.formats import reader_of
from redactfuzz.dumps.readers.image import Image
from redactfuzz.dumps.readers.scattered import packets

SIZE = 536


def stream(secret: bytes, share: float = 0.5) -> bytes:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n"
    return head.ljust(2 * SIZE - round(len(secret) * share) - 1, b"z") + b" " + secret + b" \r\n" + b"and so on " * 90


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("share", [0.3, 0.7])
def test_what_two_packets_hold_is_found_and_a_stream_without_it_stays_clean(
    name: str, share: float, tmp_path: Path
) -> None:
    for secret, right in zip(SECRETS[name], ("LEAK", "CLEAN"), strict=True):
        carried = stream(secret, share)
        written = built.pcap(built.packet(at, part) for at, part in built.segments(carried, SIZE))
        assert secret not in written
        assert said(tmp_path, written) == right


@pytest.mark.parametrize("write", [built.pcap, built.pcapng])
@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("version", [4, 6])
@pytest.mark.parametrize("link", ["Ethernet", "tagged", "bare"])
def test_packets_are_read_of_each_format_order_and_link(
    write: Callable[..., bytes], order: str, version: int, link: str, tmp_path: Path
) -> None:
    frames = [
        built.packet(at, part, version=version, tagged=link == "tagged")[14 if link == "bare" else 0 :]
        for at, part in built.segments(stream(DER), SIZE)
    ]
    assert said(tmp_path, write(frames, order=order, link=101 if link == "bare" else 1)) == "LEAK"


def test_packets_that_come_in_any_order_again_and_among_others_are_put_together(tmp_path: Path) -> None:
    mine = [built.packet(at, part) for at, part in built.segments(stream(DER), SIZE)]
    others = [built.packet(at, part, port=80) for at, part in built.segments(stream(PUBLIC), 100)]
    mixed = [*mine, *others, *mine[:2]]
    random.Random(5).shuffle(mixed)
    assert said(tmp_path, built.pcap(mixed)) == "LEAK"
    assert said(tmp_path, built.pcap(others)) == "CLEAN"


def test_streams_are_followed_however_many_packets_are_read_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packets, "_AT_ONCE", 2)
    frames = [built.packet(at, part) for at, part in built.segments(stream(DER), SIZE)]
    assert said(tmp_path, built.pcap(frames)) == "LEAK"


def test_captures_that_are_cut_or_spoiled_are_read_as_far_as_they_go() -> None:
    rng = random.Random(5)
    frames = [built.packet(at, part) for at, part in built.segments(stream(DER), SIZE)]
    sizes = list[int]()
    for write in (built.pcap, built.pcapng):
        whole = write(frames)
        for cut in range(12, len(whole), 7):
            spoiled = bytearray(whole[:cut])
            for at in rng.sample(range(12, cut), min(4, cut - 12)):
                spoiled[at] = rng.randrange(256)
            image = Image("capture", bytes(spoiled))
            for view in reader_of(image).views(image):
                assert len(view.read(image)) == view.size
                sizes.append(view.size)
    assert len(sizes) > 100
