"""A mail service for enterprises, which lets in whom a token names."""

from __future__ import annotations

from datetime import datetime

from helper_library import Unverified, Verified, verified
from issuers import ENTERPRISE, LIFETIME, MAIL, READS_MAIL, certificate_of, is_overdue, made_at, moment


class Refused(Exception):
    """Nobody was let in. The message says why."""


class TrustsTheLibrary:
    """Who wrote it took it that the library checks all that there is to check but the hours."""

    def __init__(self, address: str) -> None:
        """``address``: of the keys of all issuers."""
        self.address = address

    def mailbox(self, token: str, now: datetime) -> str:
        """Whose mail whoever brings the token may read. Raises Refused."""
        try:
            found = verified(token, self.address)
        except Unverified as error:
            raise Refused(str(error)) from None
        if now >= time_of(found, "exp"):
            raise Refused("the token is too old")
        if "nbf" in found.claims and now < time_of(found, "nbf"):
            raise Refused("the token is not valid yet")
        self.check(found, now)
        subject = found.claims.get("sub")
        if not isinstance(subject, str) or not subject:
            raise Refused("the token names nobody")
        return subject

    def check(self, found: Verified, now: datetime) -> None:
        """What is asked beside the signature and the hours: nothing."""


class ChecksIssuer(TrustsTheLibrary):
    """A repair that looks right: who forges a token writes what is expected into it."""

    def check(self, found: Verified, now: datetime) -> None:
        """The token has to say that it is of the issuer for enterprises."""
        if found.claims.get("iss") != ENTERPRISE:
            raise Refused("the token names another issuer")


class BindsKeys(ChecksIssuer):
    """The fix: a key speaks for its own issuer alone, for as long as it is valid, and until it should be replaced; and
    a token opens what it is for."""

    def check(self, found: Verified, now: datetime) -> None:
        """The key is asked first, and then the token: what a key does not vouch for is anybody's word."""
        super().check(found, now)
        self.check_key(found, now)
        self.check_use(found, now)

    def check_key(self, found: Verified, now: datetime) -> None:
        """Whose it is, what for, and whether it is good today."""
        key = found.key
        if key.get("issuer") != ENTERPRISE:
            raise Refused("the key is not one of the issuer for enterprises")
        if key.get("use") != "sig" or key.get("key_ops", ["verify"]) != ["verify"]:
            raise Refused("the key is not one for signatures")
        try:
            certificate = certificate_of(key)
        except ValueError as error:
            raise Refused(f"of the key: {error}") from None
        if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
            raise Refused("the certificate of the key is not valid today")
        if is_overdue(key, now):
            raise Refused("the key should have been replaced: see the age alarm")

    def check_use(self, found: Verified, now: datetime) -> None:
        """Whether the token is for this service and for reading mail, and of an hour in which it can have been made."""
        audience, scope = found.claims.get("aud"), found.claims.get("scp")
        if MAIL not in (audience if isinstance(audience, list) else [audience]):
            raise Refused("the token is for another service")
        if not isinstance(scope, str) or READS_MAIL not in scope.split():
            raise Refused("the token does not say that its bearer may read mail")
        made, until = time_of(found, "iat"), time_of(found, "exp")
        if not made_at(found.key) <= made <= now:
            raise Refused("the token was made before its key, or is of the future")
        if until - made > LIFETIME:
            raise Refused("the token is to last longer than tokens do")


def time_of(found: Verified, claim: str) -> datetime:
    """What a token says of a time. Raises Refused."""
    try:
        return moment(found.claims.get(claim))
    except ValueError:
        raise Refused(f"the token names no time ({claim})") from None
