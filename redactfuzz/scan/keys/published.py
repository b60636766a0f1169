"""Keys that are printed in public documentation, and in the sources of each program that implements it: nobody's.

They are real, and told; whoever wants has them. Listed by what reports show of them, which says nothing of a key.
"""

from __future__ import annotations

REASON = "it is printed in public documentation, where everybody has it"

# fmt: off
PUBLISHED = frozenset((
    # BIP 32, "Test Vectors"
    "a2926648c176e287", "47560f80b25445e1", "59654803b7aeccc8", "3ac0e18d41698593", "aaaf036c9bb3a400",
    "948a3ddcfe95912c", "652922c19cfeab92", "c4e4f853142be444", "aaf918c295a9902e", "06d119b6fc053924",
    "0ba56fc6efc1b53c", "4b5eae9f8d8c34b4", "2e9eb4f3a9a073b5", "2212a63a256ede1a", "623c993834c80c8d",
    "d66c45eedf42e7a0", "f584fa1c1ae82e63",
    # BIP 44, 49 and 84, of the mnemonic of all zeros (BIP 39)
    "a336ffd225a78f30", "63cf23c3059d048a", "8c984acb6d0c2e53", "09035e3c5085e300", "9611d505d7769f07",
    "c2ae76671491f4b8", "f14d307ab8a1d027", "a307abb27993fcc3", "7062773f44aee00a", "4ced8949b0c1e179",
    # Bitcoin's wiki, "Wallet import format"
    "5c3c6618b5c16f91", "24723f2fbca57285",
    # NIP-19
    "8177d7a56e8c6495",
    # NATS' documentation, "NKeys"
    "9eb491fb9f2922f7",
    # SEP-23 and the documentation of Stellar's libraries
    "53c76fdd088dddfd", "7a677135c64946c9",
    # the specification of age
    "02b3b19541aeb9d3",
    # Signatory and Taquito, of Tezos
    "0bdd03695b63fe0a", "5753157867a1b957", "f89063cdf303bcdf", "fdef4dfdebe4475b", "1a99c618f1d1adf6",
    "3860520a8551d85d", "cde7245961c08857",
    # cardano-addresses
    "a5db7a3f7ac82921",
    # wg(8), the page of WireGuard, and netplan
    "f98ba3dd2b7e7a90", "e363f0eeb8ae5f9f", "3c7c62b852f98c2c", "78bdfab1af88624f",
    # Azurite, whose account everybody has
    "6adc777f3d6df236",
    # Telegram, "From BotFather to Hello World"
    "c2526534c277c0a8",
))
# fmt: on
"""Identities (``detector.identity``), by where the keys are printed."""
