"""Keys in files of programs: each is found wherever it lies, and nothing that is damaged, public, or an example."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable

import pytest
from program_writers import (
    DRAW,
    PUBLIC,
    SEED,
    b64,
    entry,
    key_log,
    keytab,
    minisign,
    netplan,
    network_manager,
    openvpn,
    signify,
    ssh_com,
    tls_crypt,
    wireguard,
)

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import KeyFinding, Severity
from redactfuzz.scan.keys import DETECTORS, KnownKeys, effort
from redactfuzz.scan.keys.detector import Findings
from redactfuzz.scan.keys.programs import wireguard as wireguard_keys
from redactfuzz.scan.keys.programs.keytabs import Keytabs
from redactfuzz.scan.keys.programs.openvpn import OpenVpnKeys
from redactfuzz.scan.keys.programs.ssh_com import SshComKeys
from redactfuzz.scan.keys.programs.wireguard import WireGuardKeys

TOTAL, MEDIUM, LOW = Severity.TOTAL, Severity.MEDIUM, Severity.LOW
TUNNEL, STATIC, SESSION = "WireGuard private key", "OpenVPN static key", "TLS session secret (key log)"
FOUND: dict[str, tuple[bytes, str, Severity]] = {
    "wg": (wireguard(), TUNNEL, TOTAL),
    "wg, clamped": (wireguard(bytes((SEED[0] & 248,)) + SEED[1:31] + bytes((SEED[31] & 127 | 64,))), TUNNEL, TOTAL),
    "NetworkManager": (network_manager(), TUNNEL, TOTAL),
    "netplan": (netplan(), TUNNEL, TOTAL),
    "in the environment": (f"VPN_TYPE=wireguard\0WIREGUARD_PRIVATE_KEY={b64(SEED)}\0".encode(), TUNNEL, TOTAL),
    "in JSON": (f'{{"Kind":"wireguard","PrivateKey":"{b64(SEED)}"}}'.encode(), TUNNEL, TOTAL),
    "preshared": (wireguard(name="PresharedKey"), "WireGuard preshared key", LOW),
    "OpenVPN": (openvpn(), STATIC, TOTAL),
    "tls-crypt-v2, server": (tls_crypt("server"), STATIC, TOTAL),
    "tls-crypt-v2, client": (tls_crypt("client"), STATIC, TOTAL),
    "ssh.com, RSA": (ssh_com(), "RSA-2048 private key (ssh.com)", TOTAL),
    "ssh.com, DSA": (ssh_com("dsa"), "DSA-1024 private key (ssh.com)", TOTAL),
    "ssh.com, encrypted": (ssh_com(cipher=b"3des-cbc"), "encrypted private key (ssh.com)", MEDIUM),
    "minisign": (minisign(encrypted=False), "minisign secret key", TOTAL),
    "minisign, encrypted": (minisign(), "encrypted minisign secret key", MEDIUM),
    "signify": (signify(0), "signify secret key", TOTAL),
    "signify, encrypted": (signify(), "encrypted signify secret key", MEDIUM),
    "keytab": (keytab(), "Kerberos key (keytab)", TOTAL),
    "keytab, without its long version": (keytab(entry(23, DRAW.randbytes(16), False)), "Kerberos key (keytab)", TOTAL),
    "TLS 1.2": (key_log(), SESSION, TOTAL),
    "TLS 1.3": (key_log("CLIENT_HANDSHAKE_TRAFFIC_SECRET", 32), SESSION, TOTAL),
    "TLS 1.3, SHA-384": (key_log("SERVER_TRAFFIC_SECRET_0"), SESSION, TOTAL),
    "TLS 1.3, early exporter": (key_log("EARLY_EXPORTER_SECRET", 32), SESSION, TOTAL),
}
NEAR: dict[str, bytes] = {
    "a public key of WireGuard": f"[Peer]\nPublicKey = {b64(PUBLIC)}\n".encode(),
    "a private key of something else": f"[signer]\nPrivateKey = {b64(SEED)}\n".encode(),
    "a key of WireGuard with a letter too few": wireguard().replace(b64(SEED).encode(), b64(SEED)[1:].encode()),
    "letters that 32 bytes do not have": wireguard().replace(b64(SEED).encode(), b64(SEED)[:42].encode() + b"B="),
    "an example of WireGuard": wireguard().replace(b64(SEED).encode(), b"YOUR_SERVER_PRIVATE_KEY_GOES_HERE_PLEASE+AA="),
    "zeros for WireGuard": wireguard(bytes(32)),
    "text for WireGuard": wireguard(b"this is not a key of WireGuard !"),
    "another key beside netplan's": netplan().replace(b"      key:", b"      public_key:"),
    "an OpenVPN key of running bytes": openvpn(bytes(range(256))),
    "an OpenVPN key of zeros": openvpn(bytes(256)),
    "a label of OpenVPN in a program": b"-----BEGIN OpenVPN Static key V1-----\n%s\n-----END OpenVPN",
    "a label of ssh.com in a program": b'"---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----" not found',
    "a public key of ssh.com": b"---- BEGIN SSH2 PUBLIC KEY ----\n" + b64(DRAW.randbytes(99)).encode() + b"\n",
    "a seed with another public key, minisign": minisign(encrypted=False, seed=DRAW.randbytes(32)),
    "a seed with another public key, signify": signify(0, DRAW.randbytes(32)),
    "minisign with zeros for a key": minisign()[:72] + b"A" * 192 + b"\n",
    "minisign that is cut": minisign()[:200],
    "a public key of minisign": f"untrusted comment: minisign public key\n{b64(b'Ed' + DRAW.randbytes(40))}\n".encode(),
    "a keytab whose key has another length": keytab(entry(17, DRAW.randbytes(32))),
    "a keytab with an unknown type": keytab(entry(77)),
    "a keytab with a byte too many": keytab(struct.pack(">i", len(entry()) - 3) + entry()[4:] + b"x"),
    "a keytab with bytes for a name": keytab(entry(name=b"\1\2\3\4")),
    "a keytab of zeros": keytab(entry(18, bytes(32))),
    "a short secret of TLS 1.2": key_log(size=32),
    "a log of TLS with a letter that is no digit": key_log().replace(b" ", b" g", 1),
    "zeros in a log of TLS": b"CLIENT_RANDOM " + b"00" * 32 + b" " + b"00" * 48 + b"\n",
    "the label of TLS 1.3 in a program": b"CLIENT_TRAFFIC_SECRET_0\0SERVER_TRAFFIC_SECRET_0\0",
}


def find(data: bytes) -> list[KeyFinding]:
    return [one for detector in DETECTORS for one in detector.find(Image("memory", data), KnownKeys())]


@pytest.mark.parametrize("name", FOUND)
@pytest.mark.parametrize("offset", [0, 1, 1021])
def test_a_key_is_found_in_its_file(name: str, offset: int) -> None:
    data, what, severity = FOUND[name]
    (found,) = find(bytes(offset) + data + bytes(70))
    assert (found.what, found.severity) == (what, severity)
    assert offset <= found.where[0].offset < found.where[0].offset + found.where[0].length <= offset + len(data)


@pytest.mark.parametrize("name", [name for name in FOUND if "keytab" not in name])
def test_a_key_is_found_in_utf16(name: str) -> None:
    data, what, _ = FOUND[name]
    assert [one.what for one in find(data.decode().encode("utf-16-le"))] == [what]


@pytest.mark.parametrize("name", NEAR)
def test_what_is_damaged_public_or_an_example_is_no_key(name: str) -> None:
    assert not find(b"\n" + NEAR[name] + bytes(70))


@pytest.mark.parametrize("name", FOUND)
def test_no_finding_shows_any_part_of_a_key(name: str) -> None:
    data, _, _ = FOUND[name]
    said = repr(find(data))
    words = [word for word in data.decode("latin-1").split() if len(word) >= 32]
    assert words or "keytab" in name
    assert not any(word[at : at + 8] in said for word in words for at in range(0, len(word) - 8, 8))


def each(form: Callable[[int, bytes], bytes]) -> Callable[[bytes], bytes]:
    return lambda text: b"".join(form(number, line) + b"\n" for number, line in enumerate(text.splitlines()))


FORMS: dict[str, Callable[[bytes], bytes]] = {
    "indented": each(lambda _, line: b"    " + line),
    "quoted": each(lambda _, line: b"> " + line),
    "in a log": each(lambda _, line: b"2026-11-28 app: " + line),
    "in a log whose times go on": each(lambda number, line: b"20:00:%02d app[7]: %s" % (number, line)),
    "with line ends of Windows": lambda text: text.replace(b"\n", b"\r\n"),
    "in one line": lambda text: text.replace(b"\n", b" "),
}
BLOCKS = ("OpenVPN", "tls-crypt-v2, server", "tls-crypt-v2, client", "ssh.com, RSA", "ssh.com, encrypted")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", BLOCKS)
def test_the_lines_of_a_block_may_stand_in_another_text(name: str, form: str) -> None:
    data, what, _ = FOUND[name]
    assert [one.what for one in find(FORMS[form](data))] == [what]


def unread(detector: OpenVpnKeys | SshComKeys, data: bytes) -> Findings:
    found = detector.find(Image("a file", data), KnownKeys())
    assert not list(found)
    return found


BROKEN = {
    "OpenVPN, a line too few": (OpenVpnKeys(), openvpn(lines=15)),
    "a client's key with another length": (OpenVpnKeys(), tls_crypt("client", wrong=1)),
    "ssh.com, numbers that do not agree": (SshComKeys(), ssh_com(wrong=1 << 77)),
    "ssh.com, cut": (SshComKeys(), ssh_com()[:900]),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_block_with_lines_that_are_not_put_together_is_a_gap(name: str) -> None:
    detector, data = BROKEN[name]
    assert len(unread(detector, data).unread) == 1


def test_all_principals_of_a_keytab_are_found_and_holes_are_passed_over() -> None:
    hole = struct.pack(">i", -40) + bytes(40)
    entries = (entry(), hole, entry(17, DRAW.randbytes(16)), hole, entry(name=b"nfs"))
    found = list(Keytabs().find(Image("krb5.keytab", b"pad" + keytab(*entries) + bytes(9)), KnownKeys()))
    assert [one.where[0].length for one in found] == [32, 16, 32]


def test_what_entries_of_keytabs_cost_is_counted_and_what_is_too_much_is_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each beginning may lead over its own hole to the same thousands of others."""
    hole = struct.pack(">i", -24) + bytes(24)
    data = b"".join(b"begins: " + keytab(entry(), *[hole] * 50) for _ in range(3))
    whole = effort.found(Keytabs(), Image("x", data), KnownKeys())
    assert len(list(whole)) == 3
    assert whole.gaps == []
    monkeypatch.setattr(effort, "_EACH", 0)
    monkeypatch.setattr(effort, "_SPARE", 60 << 19)
    some = effort.found(Keytabs(), Image("x", data), KnownKeys())
    assert len(list(some)) == 2
    assert [gap.reason for gap in some.gaps] == [effort._TOO_MUCH]


def test_a_keytab_that_is_cut_in_its_key_has_none() -> None:
    data = keytab(entry(version=False))
    assert find(data)
    assert not find(data[:-1])


def test_both_keys_of_a_tunnel_of_netplan_are_found_and_its_public_one_is_not() -> None:
    shared = random.Random(5).randbytes(32)
    found = find(netplan(SEED, shared) + netplan(shared[::-1]))
    assert [(one.what, one.severity, len(one.where)) for one in found] == [
        (TUNNEL, TOTAL, 1), ("WireGuard preshared key", LOW, 1), (TUNNEL, TOTAL, 1),
    ]  # fmt: skip


def test_the_work_for_names_of_wireguard_that_lie_close_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is between two of them is read twice at most: else each would have two kilobytes looked at."""
    read = []

    def counted(image: Image, start: int, end: int, width: int) -> bytes:
        read.append(min(end, image.size) - start)
        return image.data[start:end][::width]

    monkeypatch.setattr(wireguard_keys, "_characters", counted)
    line = f"key: {b64(SEED)}\n".encode()
    data = b"mode: wireguard\n" * 2000 + line + b"mode: wireguard\n" * 2000
    (found,) = WireGuardKeys().find(Image("memory", data), KnownKeys())
    assert [where.offset for where in found.where] == [data.index(line) + 5]
    assert len(data) < sum(read) < 10 * len(data)


PRINTED = ("yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=", "gI6EdUSYvn8ugXOt8QQD6Yc+JyiZxIhp3GInSWRfWGE=")


@pytest.mark.parametrize("key", PRINTED)
def test_a_key_of_the_manual_is_low(key: str) -> None:
    (found,) = find(f"[Interface]\nPrivateKey = {key}\n".encode())
    assert (found.severity, "documentation" in found.reason) == (LOW, True)
