"""The libraries whose keys are looked for in cores: how the program of each is built, and what it needs.

One program a library lies in ``programs``, in the library's own language. Another library is one entry here.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import attrs
from shared import environments, record

PROGRAMS = Path(__file__).parent / "programs"
RSA, P256, ED25519, AES = "rsa", "p256", "ed25519", "aes"
ALL = (RSA, P256, ED25519, AES)
PYPI = ("cryptography", "pycryptodome", "rsa", "pynacl")
"""In an environment of their own, the newest of each."""
CRATES = "/usr/share/cargo/registry"
"""Where Debian's librust-*-dev packages put their sources (dh-cargo)."""
_LONG = 900.0

Build = Callable[[Path], tuple[str, ...]]
"""Builds a program in a folder and gives the command that runs it. Raises MissingError when it cannot."""


class MissingError(Exception):
    """What a library needs is not on this machine, or does not build on it."""


@attrs.frozen
class Library:
    """A library, the kinds of key that it makes, and where its version is asked for: ``debian`` names packages."""

    name: str
    build: Build
    debian: tuple[str, ...] = ()
    pypi: str = ""
    kinds: tuple[str, ...] = ALL
    ask: tuple[str, ...] = ()

    def version(self) -> str:
        """Of the Debian package, of the distribution on PyPI, or what the command says."""
        if self.pypi:
            script = f"from importlib.metadata import version; print(version('{self.pypi}'))"
            return _said(str(environments.separate("crypto", *PYPI)), "-c", script)
        if self.ask:
            return _said(*self.ask)
        return _said("dpkg-query", "--show", "--showformat", "${Version}", self.debian[0])

    def needs(self) -> str:
        """What has to be installed, for the page."""
        return f"{self.pypi} of PyPI" if self.pypi else "Debian's " + ", ".join(self.debian)


def libraries() -> tuple[Library, ...]:
    """In the order of the page."""
    return (
        Library("cryptography", _python("with_cryptography"), pypi="cryptography"),
        Library("PyCryptodome", _python("with_pycryptodome"), pypi="pycryptodome"),
        Library("python-rsa", _python("with_rsa"), pypi="rsa", kinds=(RSA,)),
        Library("PyNaCl", _python("with_nacl"), pypi="pynacl", kinds=(ED25519,)),
        Library("OpenSSL", _compiled("openssl.c", "-lcrypto"), ("libssl-dev",)),
        Library("GnuTLS", _compiled("gnutls.c", "-lgnutls"), ("libgnutls28-dev",)),
        Library("Libgcrypt", _compiled("libgcrypt.c", "-lgcrypt"), ("libgcrypt20-dev",)),
        Library("Nettle", _compiled("nettle.c", "-lhogweed", "-lnettle", "-lgmp"), ("nettle-dev",)),
        Library("Mbed TLS", _compiled("mbedtls.c", "-lmbedcrypto"), ("libmbedtls-dev",), kinds=(RSA, P256, AES)),
        Library("wolfSSL", _compiled("wolfssl.c", "-lwolfssl"), ("libwolfssl-dev",)),
        Library("libsodium", _compiled("libsodium.c", "-lsodium"), ("libsodium-dev",), kinds=(ED25519, AES)),
        Library("Botan", _compiled("botan.cpp", "-I/usr/include/botan-2", "-lbotan-2"), ("libbotan-2-dev",)),
        Library("Crypto++", _compiled("cryptopp.cpp", "-lcryptopp"), ("libcrypto++-dev",)),
        Library("CryptX (LibTomCrypt) for Perl", _perl, ("libcryptx-perl",)),
        Library("Node", _node, ("nodejs",), ask=("node", "--version")),
        Library("Java", _java, ("openjdk-17-jdk-headless",), ask=("javac", "--version")),
        Library("Go", _go, ("golang-go",), ask=("go", "env", "GOVERSION")),
        Library(
            "Rust (rsa, p256, ed25519-dalek, aes)",
            _rust,
            ("librust-rsa-dev", "librust-p256-dev", "librust-ed25519-dalek-dev", "librust-aes-dev", "cargo"),
            ask=("rustc", "--version"),
        ),
    )


def _said(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    except (OSError, subprocess.SubprocessError):
        return "version unknown"
    return done.stdout.partition("\n")[0].partition("(")[0].strip()


def _made(*command: str | Path) -> None:
    """Raises MissingError with the last line of what the tool says."""
    try:
        subprocess.run(command, capture_output=True, text=True, check=True, timeout=_LONG)
    except FileNotFoundError as error:
        raise MissingError(f"no {command[0]} here") from error
    except subprocess.CalledProcessError as error:
        raise MissingError((error.stderr.strip() or "it does not build").splitlines()[-1][:120]) from error


def _tool(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        raise MissingError(f"no {name} here")
    return path


def _compiled(source: str, *flags: str) -> Build:
    def build(folder: Path) -> tuple[str, ...]:
        program = folder / Path(source).stem
        compiler = ("g++", "-std=c++17") if source.endswith(".cpp") else ("gcc",)
        _made(*compiler, "-O1", PROGRAMS / source, "-o", program, *flags)
        return (str(program),)

    return build


def _python(program: str) -> Build:
    def build(_: Path) -> tuple[str, ...]:
        try:
            python = environments.separate("crypto", *PYPI)
        except subprocess.CalledProcessError as error:
            raise MissingError("pip does not install it") from error
        return (str(python), "-B", str(PROGRAMS / f"{program}.py"))

    return build


def _perl(_: Path) -> tuple[str, ...]:
    _made("perl", "-MCryptX", "-e", "1")
    return (_tool("perl"), str(PROGRAMS / "with_cryptx.pl"))


def _node(_: Path) -> tuple[str, ...]:
    return (_tool("node"), str(PROGRAMS / "with_node.js"))


def _java(folder: Path) -> tuple[str, ...]:
    _made("javac", "-d", folder, PROGRAMS / "WithJava.java")
    return (_tool("java"), "-Xmx24m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", str(folder), "WithJava")


def _go(folder: Path) -> tuple[str, ...]:
    _made("go", "build", "-o", folder / "with_go", PROGRAMS / "with_go.go")
    return (str(folder / "with_go"),)


def _rust(_: Path) -> tuple[str, ...]:
    """From a copy, since cargo writes a lock file beside its manifest; which stays, since all crates take minutes."""
    home = record.ROOT / "build" / "cores" / "rust"
    shutil.copytree(PROGRAMS / "rust", home, dirs_exist_ok=True)
    sources = ("--config", 'source.crates-io.replace-with="debian"', "--config", f'source.debian.directory="{CRATES}"')
    manifest, target = home / "Cargo.toml", home / "target"
    _made("cargo", "build", "--release", "--offline", "--manifest-path", manifest, "--target-dir", target, *sources)
    return (str(target / "release" / "with_rust"),)
