"""A mail service for enterprises, which lets in whom a token names."""

from __future__ import annotations

from datetime import UTC, datetime

import jwt
from helper_library import Verified, verified
from issuers import ENTERPRISE, ROTATION, certificate_of


class Refused(Exception):
    """Nobody was let in. The message says why."""


class TrustsTheLibrary:
    """Who wrote it took it that the library checks all that there is to check."""

    def __init__(self, address: str) -> None:
        """``address``: of the keys of all issuers."""
        self.address = address

    def mailbox(self, token: str, now: datetime) -> str:
        """Whose mail whoever brings the token may read. Raises Refused."""
        try:
            found = verified(token, self.address)
        except jwt.PyJWTError as error:
            raise Refused(f"the signature is not right: {error}") from None
        if datetime.fromtimestamp(found.claims["exp"], UTC) < now:
            raise Refused("the token is too old")
        self.check(found, now)
        return str(found.claims["sub"])

    def check(self, found: Verified, now: datetime) -> None:
        """What is asked beside the signature: nothing."""


class ChecksIssuer(TrustsTheLibrary):
    """A repair that looks right: who forges a token writes what is expected into it."""

    def check(self, found: Verified, now: datetime) -> None:
        """The token has to say that it is of the issuer for enterprises."""
        if found.claims["iss"] != ENTERPRISE:
            raise Refused("the token names another issuer")


class BindsKeys(ChecksIssuer):
    """The fix: a key speaks for its own issuer alone, for as long as it is valid, and until it should be replaced."""

    def check(self, found: Verified, now: datetime) -> None:
        """The key is asked, and not the token."""
        super().check(found, now)
        if found.key.get("issuer") != ENTERPRISE:
            raise Refused("the key is not one of the issuer for enterprises")
        certificate = certificate_of(found.key)
        if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
            raise Refused("the certificate of the key is not valid today")
        if now - certificate.not_valid_before_utc > ROTATION:
            raise Refused("the key should have been replaced: see the age alarm")
