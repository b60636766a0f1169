"""Key material that nobody planted: the detectors, and what they are given to know about public keys."""

from redactfuzz.scan.keys.aes import AesSchedules
from redactfuzz.scan.keys.bare_der import DerKeys
from redactfuzz.scan.keys.checked.base32 import Base32Keys
from redactfuzz.scan.keys.checked.base58 import Base58Keys
from redactfuzz.scan.keys.checked.bech32 import Bech32Keys
from redactfuzz.scan.keys.detector import Detector
from redactfuzz.scan.keys.known import KnownKeys, Modulus, UnusableKey
from redactfuzz.scan.keys.limbs import Limbs
from redactfuzz.scan.keys.macs.key_bytes import HmacKeys
from redactfuzz.scan.keys.macs.pads import HmacPads
from redactfuzz.scan.keys.macs.pairs_file import parse_macs, read_macs
from redactfuzz.scan.keys.macs.states import HmacStates
from redactfuzz.scan.keys.macs.words import HmacWords
from redactfuzz.scan.keys.openssh import OpenSshKeys
from redactfuzz.scan.keys.pem import PemKeys
from redactfuzz.scan.keys.programs.keytabs import Keytabs
from redactfuzz.scan.keys.programs.minisign import MinisignKeys
from redactfuzz.scan.keys.programs.openvpn import OpenVpnKeys
from redactfuzz.scan.keys.programs.ssh_com import SshComKeys
from redactfuzz.scan.keys.programs.tls_secrets import TlsSecrets
from redactfuzz.scan.keys.programs.wireguard import WireGuardKeys
from redactfuzz.scan.keys.public.crt_exponents import CrtExponents
from redactfuzz.scan.keys.public.exponents import Exponents
from redactfuzz.scan.keys.public.given import parse_known, read_known
from redactfuzz.scan.keys.public.numerals import Numerals
from redactfuzz.scan.keys.public.primes import Primes
from redactfuzz.scan.keys.public.scalars import Scalars
from redactfuzz.scan.keys.public.seed_pairs import SeedPairs
from redactfuzz.scan.keys.public.written_pairs import WrittenPairs
from redactfuzz.scan.keys.public.written_scalars import WrittenScalars
from redactfuzz.scan.keys.tokens.custom import FileTokens, UnusableRules, read_rules
from redactfuzz.scan.keys.tokens.jwt import SignedTokens
from redactfuzz.scan.keys.tokens.services import ServiceTokens
from redactfuzz.scan.keys.written.chacha import ChachaStates
from redactfuzz.scan.keys.written.cose import CoseKeys
from redactfuzz.scan.keys.written.der_texts import DerTexts
from redactfuzz.scan.keys.written.java_stores import JavaStores
from redactfuzz.scan.keys.written.openpgp import OpenPgpKeys
from redactfuzz.scan.keys.written.pkcs12 import Pkcs12Stores
from redactfuzz.scan.keys.written.ppk import PuttyKeys
from redactfuzz.scan.keys.written.printed_jwks import JwkKeys
from redactfuzz.scan.keys.written.printed_numbers import PrintedNumbers
from redactfuzz.scan.keys.written.split_der import SplitDerKeys
from redactfuzz.scan.keys.written.windows_blobs import WindowsBlobs
from redactfuzz.scan.keys.written.xml_rsa import XmlKeys

DETECTORS: tuple[Detector, ...] = (
    Primes(),
    Exponents(),
    CrtExponents(),
    Numerals(),
    Limbs(),
    Scalars(),
    WrittenScalars(),
    SeedPairs(),
    HmacKeys(),
    HmacStates(),
    HmacPads(),
    HmacWords(),
    AesSchedules(),
    PemKeys(),
    DerKeys(),
    DerTexts(),
    OpenSshKeys(),
    JwkKeys(),
    PrintedNumbers(),
    ServiceTokens(),
    FileTokens(),
    SignedTokens(),
    Bech32Keys(),
    Base32Keys(),
    Base58Keys(),
    XmlKeys(),
    WindowsBlobs(),
    PuttyKeys(),
    JavaStores(),
    Pkcs12Stores(),
    OpenPgpKeys(),
    CoseKeys(),
    SshComKeys(),
    MinisignKeys(),
    WireGuardKeys(),
    OpenVpnKeys(),
    Keytabs(),
    TlsSecrets(),
    ChachaStates(),
)
"""Every detector. To the scalars they need a public key, and those of HMAC a pair: without one they cost nothing."""

OVER_ALL: tuple[Detector, ...] = (Limbs(),)
"""Those of them that put together what lies far apart: they are given a large image whole and not in windows."""

IN_VIEWS: tuple[Detector, ...] = (SplitDerKeys(), WrittenPairs())
"""Those that ask for what a text spells, and how far that goes: views are shown to them beside the others."""

__all__ = [
    "DETECTORS",
    "IN_VIEWS",
    "OVER_ALL",
    "Detector",
    "KnownKeys",
    "Modulus",
    "UnusableKey",
    "UnusableRules",
    "parse_known",
    "parse_macs",
    "read_known",
    "read_macs",
    "read_rules",
]
