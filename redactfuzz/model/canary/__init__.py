"""Canaries: planted secrets, and the kinds that they come in."""

from redactfuzz.model.canary._integer import integer
from redactfuzz.model.canary._literal import any_planted, literal
from redactfuzz.model.canary._probe import probe
from redactfuzz.model.canary._raw import raw
from redactfuzz.model.canary._rsa import rsa
from redactfuzz.model.canary._token import token
from redactfuzz.model.canary.canary import Canary, Kind
from redactfuzz.model.canary.kinds import KINDS, kind_from_json, kind_to_json, mint
from redactfuzz.model.canary.rsa_key import RsaNumbers
from redactfuzz.model.canary.secret import Masked, Shape, Source

__all__ = [
    "KINDS",
    "Canary",
    "Kind",
    "Masked",
    "RsaNumbers",
    "Shape",
    "Source",
    "any_planted",
    "integer",
    "kind_from_json",
    "kind_to_json",
    "literal",
    "mint",
    "probe",
    "raw",
    "rsa",
    "token",
]
