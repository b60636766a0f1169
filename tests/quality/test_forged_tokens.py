"""The accepted token: what a mail service lets in, by rules that name no attack; and the way from a dump to it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import attrs
import consumer_signer
import forging
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from issuers import CALENDAR, CONSUMERS, ENTERPRISE, MAIL, ROTATION, VALID, SigningKey, overdue, published
from mail_service import BindsKeys, ChecksIssuer, Refused, TrustsTheLibrary

pytestmark = pytest.mark.once

BEGINNING = datetime(2016, 4, 5, tzinfo=UTC)
ISSUERS = (CONSUMERS, ENTERPRISE)
SERVICES = (MAIL, CALENDAR)
POOL = [generate_private_key(65537, 2048) for _ in range(4)]
"""Made once: it takes a tenth of a second each, and whose a key is does not depend on its number."""
ROUNDS = settings(
    max_examples=200, stateful_step_count=12, deadline=None, derandomize=True, database=None,
    phases=[Phase.generate], suppress_health_check=list(HealthCheck),
)  # fmt: skip


class Accepted(AssertionError):
    """A token let somebody in who should not have been."""


@attrs.frozen
class Brought:
    """A token, and when it was brought."""

    signer: SigningKey
    named: str
    audience: str
    now: datetime


class Years(RuleBasedStateMachine):
    """Issuers make keys and renew certificates, years pass, tokens are signed and brought. No rule knows what is wrong
    with any of it."""

    service: ClassVar[Callable[[str], TrustsTheLibrary]] = TrustsTheLibrary
    wrong: ClassVar[Callable[[Brought], bool]]
    """Of a token by which somebody was let in."""
    let_in: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.now = BEGINNING
        self.keys: list[SigningKey] = []
        self.server = published(self.keys)
        self.mail = type(self).service(self.server.__enter__())

    def teardown(self) -> None:
        self.server.__exit__(None, None, None)

    @initialize()
    def first_keys(self) -> None:
        for issuer in ISSUERS:
            self.make_key(issuer, VALID.days)

    @rule(issuer=st.sampled_from(ISSUERS), days=st.sampled_from([30, VALID.days]))
    def make_key(self, issuer: str, days: int) -> None:
        number = len(self.keys)
        if number < len(POOL):
            valid = timedelta(days=days)
            self.keys.append(SigningKey(f"key {number}", issuer, self.now, POOL[number], valid=valid))

    @rule(key=st.integers(0, len(POOL) - 1))
    def renew_certificate(self, key: int) -> None:
        key %= len(self.keys)
        self.keys[key] = attrs.evolve(self.keys[key], certified=self.now)

    @rule(days=st.sampled_from([1, 100, 400, 2_000]))
    def wait(self, days: int) -> None:
        self.now += timedelta(days=days)

    @rule(key=st.integers(0, len(POOL) - 1), named=st.sampled_from(ISSUERS), audience=st.sampled_from(SERVICES))
    def bring(self, key: int, named: str, audience: str) -> None:
        signer = self.keys[key % len(self.keys)]
        try:
            self.mail.mailbox(signer.token(named, "alice@enterprise.example", self.now, audience), self.now)
        except Refused:
            return
        type(self).let_in += 1
        if type(self).wrong(Brought(signer, named, audience, self.now)):
            raise Accepted(signer.issuer)


WRONG: dict[str, Callable[[Brought], bool]] = {
    "a key for consumers": lambda it: it.signer.issuer != ENTERPRISE,
    "a key whose certificate has expired": lambda it: it.now > it.signer.expires,
    "a key past its rotation": lambda it: it.now - it.signer.made > ROTATION,
    "a token for another service": lambda it: it.audience != MAIL,
}
MORE = {"a token that names another issuer": lambda it: it.named != ENTERPRISE}


def machine(kind: type[TrustsTheLibrary], *what: Callable[[Brought], bool]) -> type[Years]:
    def wrong(it: Brought) -> bool:
        return any(each(it) for each in what)

    return type("Tried", (Years,), {"service": kind, "wrong": staticmethod(wrong), "let_in": 0})


@pytest.mark.parametrize("what", WRONG)
@pytest.mark.parametrize("kind", [TrustsTheLibrary, ChecksIssuer])
def test_a_service_that_trusts_its_library_lets_in_by(kind: type[TrustsTheLibrary], what: str) -> None:
    with pytest.raises(Accepted):
        run_state_machine_as_test(machine(kind, WRONG[what]), settings=ROUNDS)


def test_one_that_asks_the_key_lets_in_by_none_of_these_and_whoever_has_a_right_one() -> None:
    tried = machine(BindsKeys, *WRONG.values(), *MORE.values())
    run_state_machine_as_test(tried, settings=settings(ROUNDS, max_examples=100))
    assert tried.let_in > 10


def test_the_age_alarm_names_keys_that_should_have_been_replaced() -> None:
    """A new certificate makes no key younger; and of a key whose age nobody can tell, the alarm is not silent."""
    keys = [SigningKey("old", CONSUMERS, BEGINNING, POOL[0])]
    keys.append(SigningKey("new", CONSUMERS, BEGINNING + ROTATION, POOL[1]))
    keys.append(SigningKey("renewed", CONSUMERS, BEGINNING, POOL[2], certified=BEGINNING + ROTATION))
    unknown = [{"kid": "without", "made": BEGINNING.timestamp()}, {**keys[1].public(), "kid": "ageless", "made": None}]
    document = {"keys": [*unknown, *(each.public() for each in keys), 5]}
    assert overdue(document, BEGINNING + ROTATION) == ["without", "ageless"]
    assert overdue(document, BEGINNING + ROTATION + timedelta(days=1)) == ["without", "ageless", "old", "renewed"]


@pytest.fixture(scope="module")
def consumer_key() -> RSAPrivateKey:
    return generate_private_key(65537, 2048)


def scanned(core: Path, jwks: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "redactfuzz", "scan", core, "--jwks", jwks, "--json"]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 1, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def test_from_the_dump_of_the_signer_to_a_mailbox_and_not_into_the_repaired_one(
    tmp_path: Path, consumer_key: RSAPrivateKey
) -> None:
    """Real bytes all the way: the test that forges holds no private key but the one that it has made from the dump."""
    written = consumer_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    core = tmp_path / "signer.core"
    subprocess.run([sys.executable, consumer_signer.__file__, core], input=written, check=True, timeout=120)
    enterprise = SigningKey("enterprise", ENTERPRISE, BEGINNING, POOL[0])
    consumers = SigningKey("consumers", CONSUMERS, BEGINNING, consumer_key)
    jwks = tmp_path / "keys.json"
    public = consumers.public()
    jwks.write_text(json.dumps({"keys": [enterprise.public(), public]}))

    report = scanned(core, jwks)
    n, e = (int.from_bytes(jwt.utils.base64url_decode(public[name]), "big") for name in ("n", "e"))
    prime = forging.prime_in(core, report, n)
    assert 1 < prime < n
    assert n % prime == 0
    forged = SigningKey("consumers", CONSUMERS, BEGINNING, forging.private_key(prime, n, e))
    token = forged.token(ENTERPRISE, "secretary@enterprise.example", BEGINNING)

    with published([enterprise, consumers]) as address:
        for deceived in (TrustsTheLibrary, ChecksIssuer):
            assert deceived(address).mailbox(token, BEGINNING) == "secretary@enterprise.example"
        with pytest.raises(Refused, match="not one of the issuer for enterprises"):
            BindsKeys(address).mailbox(token, BEGINNING)
        right = enterprise.token(ENTERPRISE, "alice@enterprise.example", BEGINNING)
        assert BindsKeys(address).mailbox(right, BEGINNING) == "alice@enterprise.example"


def test_a_dump_without_the_key_gives_no_factor(tmp_path: Path) -> None:
    (tmp_path / "empty.core").write_bytes(bytes(4096))
    report = {"keys": [{"detector": "rsa-prime", "where": [{"offset": 0, "length": 128}]}]}
    with pytest.raises(forging.Unrecoverable):
        forging.prime_in(tmp_path / "empty.core", report, POOL[0].public_key().public_numbers().n)
