"""Samples of every format and key, ways to spoil them, and what must hold whatever the bytes are.

Used by a test, and by the benchmark that runs a hundred thousand cases.
"""

from __future__ import annotations

import base64
import gzip
import hmac
import io
import json
import lzma
import random
import re
import struct
import tarfile
from collections.abc import Iterator
from pathlib import Path

import elf_builder
import lz4.frame
import scattered_builder
import zstandard
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from hypothesis import strategies as st
from key_writers import capi, chacha, jks, pfx, pgp, ppk, xml
from program_writers import cose, key_log, keytab, minisign, openvpn, ssh_com, wireguard

from redactfuzz._core._engine import ffi, lib
from redactfuzz.dumps.readers.formats import READERS, UNPACKERS
from redactfuzz.dumps.readers.image import Damaged, Image
from redactfuzz.dumps.readers.opening import UnpackLimits
from redactfuzz.model.canary import mint, raw, rsa, token
from redactfuzz.report.dump_lines import as_json, table
from redactfuzz.scan.dump import ScanRequest, scan_dump
from redactfuzz.scan.keys import DETECTORS, KnownKeys, Modulus, parse_known, parse_macs
from redactfuzz.scan.keys.checked import base32, base58, bech32
from redactfuzz.scan.keys.derived import derived
from redactfuzz.scan.keys.known import FileRule
from redactfuzz.scan.keys.tokens.shapes import crc62 as checksum
from redactfuzz.scan.matcher_set import MatcherSet

CANARIES = (mint(3, "token", token(32), 1), mint(3, "raw", raw(32), 1))
KEY = mint(3, "signer", rsa(1024), 1)
ELLIPTIC = ec.derive_private_key(int.from_bytes(CANARIES[1].bytes, "big") >> 1, ec.SECP256R1())
SPKI = ELLIPTIC.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
RULE = FileRule("a rule", re.compile(rb"acme-([a-z]{8})"), 1, 1, 0.0, (b"acme",), ())
"""What ``re`` compiles has what is asked of RE2's."""
MACS = "\n".join(f"sha256 00 {hmac.digest(one.bytes, bytes(1), 'sha256').hex()}" for one in CANARIES)
KNOWN = KnownKeys((Modulus(KEY.value.n, KEY.value.e, "signer"),), rules=(RULE,))
KNOWN += parse_known(SPKI, "elliptic") + parse_macs(MACS, "macs")
LIMITS = UnpackLimits(unpacked=4 << 20)
UNPACKED = 1 << 20
MOST = 40_000
"""Bytes of a sample."""


def written_keys() -> list[bytes]:
    """Key material in every notation that a detector knows."""
    number = KEY.value
    limbs = number.p.to_bytes(64, "little") + number.q.to_bytes(64, "little")
    out = ffi.new("uint8_t[]", 240)
    schedules = [
        bytes(ffi.buffer(out, lib.rf_aes_schedule(CANARIES[1].bytes[:size], size, direction, 0, out)))
        for size in (16, 24, 32)
        for direction in (0, 1)
    ]
    ends = [
        (name, value.to_bytes((value.bit_length() + 7) // 8, "big"))
        for name, value in (("n", number.n), ("e", number.e), ("d", number.d), ("p", number.p), ("q", number.q))
    ]
    jwk = {"kty": "RSA", **{name: base64.urlsafe_b64encode(value).decode().rstrip("=") for name, value in ends}}
    body = CANARIES[0].bytes[:30]
    loaded = serialization.load_der_private_key(KEY.bytes, None)
    openssh = loaded.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    )
    secret = CANARIES[1].bytes
    public = ed25519.Ed25519PrivateKey.from_private_bytes(secret).public_key()
    return [
        KEY.text.encode(),
        KEY.text.encode("utf-16-le"),
        KEY.bytes,
        KEY.bytes.decode("latin-1").encode(),
        f"modulus: {number.n}, prime1: {number.p}".encode(),
        limbs,
        *schedules,
        json.dumps({"keys": [jwk]}).encode(),
        b"ghp_" + body + checksum(body),
        b"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0." + base64.urlsafe_b64encode(CANARIES[1].bytes).rstrip(b"="),
        openssh,
        base64.b64decode(b"".join(openssh.splitlines()[1:-1])),
        bech32.encode("age-secret-key-", secret).upper().encode(),
        bech32.encode("nsec", secret).encode(),
        base58.encode(b"\x80" + secret + b"\x01"),
        base32.encode(bytes((18 << 3,)) + secret),
        number.d.to_bytes(128, "little") + SPKI,
        b"acme-password" + f"{number.p:x}".encode(),
        ELLIPTIC.private_numbers().private_value.to_bytes(32, "little"),
        f"d = {ELLIPTIC.private_numbers().private_value}".encode(),
        xml() + capi(),
        ppk(2) + jks() + pgp(),
        pfx(b"secret"),
        chacha(),
        wireguard() + openvpn() + ssh_com() + minisign() + key_log(),
        keytab(),
        cose("secp256r1"),
        secret + public.public_bytes_raw(),
        b"".join(state for label, state, _ in derived(secret) if re.fullmatch("HMAC-SHA-256 .* state", label)),
        bytes(byte ^ 0x5C for byte in secret.ljust(64, b"\0")),
    ]


def minidump(content: bytes) -> bytes:
    """One with a memory list, a thread, a module and a comment; every offset is right."""
    streams: list[tuple[int, bytes]] = []
    at = 32 + 12 * 5
    comment = b"a comment" + CANARIES[0].bytes
    context_at, memory_at = at, at + 1232
    name = "module.dll".encode("utf-16-le")
    name_at = memory_at + len(content)
    lists_at = name_at + 4 + len(name)
    thread = struct.pack("<IIIIQQIIII", 7, 0, 0, 0, 0, 0x1000, len(content), memory_at, 1232, context_at)
    module = struct.pack("<QIIII", 0x400000, 4096, 0, 0, name_at) + bytes(108 - 24)
    streams.append((3, struct.pack("<I", 1) + thread))
    streams.append((4, struct.pack("<I", 1) + module))
    streams.append((5, struct.pack("<IQII", 1, 0x1000, len(content), memory_at)))
    streams.append((7, struct.pack("<H", 9) + bytes(54)))
    streams.append((10, comment))
    directory, body, at = b"", b"", lists_at
    for kind, data in streams:
        directory += struct.pack("<III", kind, len(data), at)
        body += data
        at += len(data)
    header = struct.pack("<4sIIIIIQ", b"MDMP", 0xA793, len(streams), 32, 0, 0, 2)
    return header + directory + bytes(1232) + content + struct.pack("<I", len(name)) + name + body


def tape(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return out.getvalue()


def samples(real: Path | None = None) -> list[bytes]:
    """Every format, with secrets in it; and the files of a folder of real dumps, as far as they are short."""
    secret = CANARIES[0].bytes
    cores = []
    for bits, order, machine in ((64, "<", 62), (64, "<", 183), (32, "<", 3), (64, ">", 22)):
        form = elf_builder.Form(bits, order, machine)
        loads = [elf_builder.Load(0x1000, secret + bytes(600)), elf_builder.Load(0x8000, KEY.bytes)]
        files = elf_builder.mapped_files(form, [(0x1000, 0x2000, 0, "/usr/lib/libc.so.6")])
        notes = [elf_builder.prstatus(form, 7, secret * 6), files, elf_builder.Note("LINUX", 0x202, bytes(900))]
        cores.append(elf_builder.core(form, loads, notes))
    event = {"message": f"token {CANARIES[0].text}", "extra": {"a": [CANARIES[1].bytes.hex(), None, 1.5, "é\n"]}}
    lines = "\n".join(json.dumps({**event, "n": n}) for n in range(12)).encode()
    text = b"".join(b"2026-01-01 INFO line %d of a log %s\n" % (n, secret) for n in range(20))
    keys = written_keys()
    plain = [*cores, minidump(secret + bytes(300)), json.dumps(event, indent=1).encode(), lines, text, *keys]
    plain.append(b"\0".join(keys))
    frames = [scattered_builder.packet(at, part) for at, part in scattered_builder.segments(text, 536)]
    plain += [scattered_builder.pcap(frames), scattered_builder.pcapng(frames, order=">")]
    plain.append(text.decode().encode("utf-16"))
    packed = [gzip.compress(cores[0]), lzma.compress(text), zstandard.compress(lines), lz4.frame.compress(cores[0])]
    inside = tape({"a.json": lines, "core": cores[0], "deep.gz": packed[0]})
    some = [*plain, *packed, inside, gzip.compress(inside), b"", b"\0" * 5000]
    for path in sorted(real.rglob("*")) if real else ():
        if path.is_file():
            some.append(path.read_bytes()[:MOST])
    return [one[:MOST] for one in some]


_NUMBERS = (0, 1, 2, 0x7F, 0x80, 0xFF, 0xFFFF, 0x7FFFFFFF, 1 << 31, 0xFFFFFFFF, 1 << 40, (1 << 63) - 1, (1 << 64) - 1)


def mutated(some: list[bytes], rng: random.Random) -> bytes:
    """A sample with bits, numbers and stretches changed, cut, repeated, or joined to another."""
    data = bytearray(rng.choice(some))
    for _ in range(rng.choice((1, 1, 2, 3, 8, 30))):
        if not data:
            return bytes(rng.randbytes(rng.randrange(64)))
        at = rng.randrange(min(len(data), rng.choice((64, 512, 1 << 20))))
        kind = rng.randrange(8)
        if kind == 0:
            data[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            data[at] = rng.randrange(256)
        elif kind == 2:  # a length, a count, an offset
            size = rng.choice((1, 2, 4, 8))
            value = (rng.choice(_NUMBERS) + rng.randint(-2, 2)) % (1 << 8 * size)
            data[at : at + size] = value.to_bytes(size, rng.choice(("little", "big")))
        elif kind == 3:
            del data[at : at + rng.randrange(1, 200)]
        elif kind == 4:
            del data[at:]
        elif kind == 5:
            data[at:at] = data[at : at + rng.randrange(1, 300)] * rng.randrange(1, 4)
        elif kind == 6:
            other = rng.choice(some)
            start = rng.randrange(len(other) + 1)
            data[at:at] = other[start : start + rng.randrange(1, 3000)]
        else:
            data[at : at + rng.randrange(1, 16)] = rng.randbytes(rng.randrange(1, 16))
    return bytes(data[: 2 * MOST])


def pieced(some: list[bytes]) -> st.SearchStrategy[bytes]:
    """Bytes put together from beginnings and stretches of samples, numbers, and anything."""
    heads = st.sampled_from(some).flatmap(lambda one: st.integers(0, 200).map(lambda size: one[:size]))
    stretches = st.tuples(st.sampled_from(some), st.integers(0, MOST), st.integers(0, 600)).map(
        lambda drawn: drawn[0][drawn[1] % (len(drawn[0]) + 1) :][: drawn[2]]
    )
    numbers = st.tuples(st.sampled_from((1, 2, 4, 8)), st.integers(0, (1 << 64) - 1)).map(
        lambda drawn: (drawn[1] % (1 << 8 * drawn[0])).to_bytes(drawn[0], "little")
    )
    rest = st.lists(st.one_of(stretches, numbers, st.binary(max_size=80)), max_size=12)
    return st.tuples(st.one_of(heads, st.binary(max_size=40)), rest).map(lambda drawn: drawn[0] + b"".join(drawn[1]))


class Scanner:
    """Gives bytes to everything that reads bytes, and says what is wrong with the answers."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "dump"
        self._matcher_set = MatcherSet()
        self._matcher_set.plant(CANARIES, [])

    def check(self, data: bytes) -> None:
        """Raises whatever a reader, an unpacker, a detector or a report raises, and AssertionError."""
        self._path.write_bytes(data)
        report = scan_dump(self._path, ScanRequest(self._matcher_set, KNOWN, limits=LIMITS))
        assert report.images[0].size == len(data), "the file has another size than the report says"
        assert report.images[0].read <= len(data), "more was read than there is"
        assert not [gap for gap in report.skipped if "itself failed" in gap.reason], "something of ours failed"
        assert as_json(report).startswith('{"verdict": "')
        assert list(table(report))
        image = Image("dump", data)
        self.check_readers(image)
        for unpacker in UNPACKERS:
            unpacker.recognises(data[:4096])
            self.unpack(unpacker, data)
        for detector in DETECTORS:
            for finding in detector.find(image, KNOWN):
                for where in finding.where:
                    assert 0 <= where.offset <= where.offset + where.length <= len(data), "a key lies outside"

    def check_readers(self, image: Image) -> None:
        """Every format is asked, not only the one that recognises it."""
        for reader in READERS:
            reader.recognises(image.data[:4096], image.size)
            for span in reader.layout(image).spans:
                assert 0 <= span.start <= span.end <= image.size, f"{reader.name}: a span lies outside"
            for view in reader.views(image):
                view.read(image)
                for start, end in view.pieces:
                    assert 0 <= start <= end <= image.size, f"{reader.name}: a view lies outside"

    def unpack(self, unpacker: object, data: bytes) -> None:
        try:
            for member in unpacker.unpack(io.BytesIO(data)):  # type: ignore[attr-defined]
                for _ in range(UNPACKED // 65536):
                    if not member.stream.read(65536):
                        break
        except (Damaged, OSError, EOFError, tarfile.TarError):
            return  # what opening takes for a damaged container


def cases(some: list[bytes], seeds: range) -> Iterator[tuple[int, bytes]]:
    """(seed, bytes): the same bytes for the same seed."""
    for seed in seeds:
        yield seed, mutated(some, random.Random(seed))
