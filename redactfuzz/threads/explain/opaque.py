"""Which builtins give up the interpreter lock while they run, so that another thread can run in the middle.

Calls of C code that keep the lock are atomic. Those that release it are opaque: the scheduler can neither see nor stop
what happens meanwhile. The list is of what the standard library's C code does between Py_BEGIN_ALLOW_THREADS and
Py_END_ALLOW_THREADS; ctypes and cffi release the lock around every foreign call.
"""

from __future__ import annotations

import importlib
import sys
from types import BuiltinFunctionType, MethodDescriptorType, ModuleType
from typing import Any

from redactfuzz.threads import _hooks

_RELEASING = {
    "posix": "close copy_file_range fdatasync fsync ftruncate getxattr link listdir listxattr lockf lseek lstat mkdir "
    "mkfifo open pread preadv pwrite pwritev read readinto readlink readv remove removexattr rename replace "
    "rmdir scandir sendfile setxattr splice stat statx symlink sync truncate unlink utime wait wait3 wait4 "
    "waitid waitpid write writev",
    "fcntl": "fcntl flock ioctl lockf",
    "select": "select",
    "_socket": "getaddrinfo gethostbyaddr gethostbyname gethostbyname_ex getnameinfo",
    "_socket.socket": "accept _accept connect connect_ex recv recv_into recvfrom recvfrom_into recvmsg recvmsg_into "
    "send sendall sendmsg sendmsg_afalg sendto",
    "_ssl._SSLSocket": "do_handshake read sendfile shutdown write",
    "_ssl._SSLContext": "load_cert_chain load_verify_locations",
    "_io.FileIO": "read readall readinto seek truncate write",
    "_io.TextIOWrapper": "flush read readline write",
    "_io.BufferedReader": "peek read read1 readinto readinto1 readline",
    "_io.BufferedWriter": "flush write",
    "_io.BufferedRandom": "flush peek read read1 readinto readinto1 readline write",
    "mmap.mmap": "flush",
    "_hashlib": "hmac_digest new pbkdf2_hmac scrypt",
    "_sqlite3": "connect",
    "_sqlite3.Connection": "backup close commit execute executemany executescript rollback",
    "_sqlite3.Cursor": "execute executemany executescript fetchall fetchmany fetchone",
    "_posixshmem": "shm_open shm_unlink",
    "_multiprocessing.SemLock": "__enter__ acquire",
    "_signal": "pause sigtimedwait sigwait sigwaitinfo",
    "cryptography.hazmat.bindings._rust.openssl.rsa.RSAPrivateKey": "sign decrypt",
}
_TRANSFORMING = {
    "zlib": "compress decompress",
    "zlib.Compress": "compress flush",
    "zlib.Decompress": "decompress flush",
    "zlib._ZlibDecompressor": "decompress",
    "_bz2.BZ2Compressor": "compress flush",
    "_bz2.BZ2Decompressor": "decompress",
    "_lzma.LZMACompressor": "compress flush",
    "_lzma.LZMADecompressor": "decompress",
    "_zstd": "finalize_dict train_dict",
    "_zstd.ZstdCompressor": "compress flush",
    "_zstd.ZstdDecompressor": "decompress",
}
"""Those that make other data of data, whatever its size: a redactor that does so is opaque itself."""
_HASHES = "md5 sha1 sha224 sha256 sha384 sha512 sha3_224 sha3_256 sha3_384 sha3_512 shake_128 shake_256"
_LARGE = {
    "zlib": ("adler32 crc32", 5 * 1024),
    "binascii": ("crc32", 5 * 1024),
    "_hashlib": (" ".join(f"openssl_{name}" for name in _HASHES.split()), 2047),
    "_hashlib.HASH": ("update", 2047),
    "_hashlib.HMAC": ("update", 2047),
    "_hmac.HMAC": ("update", 2047),
    "_blake2": ("blake2b blake2s", 2047),
    "_md5": (_HASHES, 2047),
    "_sha1": (_HASHES, 2047),
    "_sha2": (_HASHES, 2047),
    "_sha3": (_HASHES, 2047),
    "_sha256": (_HASHES, 2047),
    "_sha512": (_HASHES, 2047),
}
"""Those that release it for data of more bytes than this only (HASHLIB_GIL_MINSIZE, and the same in zlib and binascii),
where the data is the first argument."""
_OWN_TYPES = ("_md5", "_sha1", "_sha2", "_sha3", "_sha256", "_sha512", "_blake2")


def _module(name: str) -> Any:
    """A module of C code, or None where it is missing. Imported: the program may load it at any time.

    They are of the standard library: one that this Python lacks is looked for on the disk once, since each batch asks.
    """
    if name not in sys.modules and name not in _missing and not name.startswith("cryptography"):
        try:
            importlib.import_module(name)
        except ImportError:
            _missing.add(name)
    return sys.modules.get(name)


_missing: set[str] = set()


def _owner(path: str) -> Any:
    """The module or type that ``path`` names; None where this Python has none."""
    if path.startswith("zlib.") and (zlib := _module("zlib")):
        known = {"Compress": zlib.compressobj, "Decompress": zlib.decompressobj}
        name = path.removeprefix("zlib.")
        return type(known[name]()) if name in known else getattr(zlib, name, None)
    found = _module(path)
    module, _, name = path.rpartition(".")
    while found is None and module:
        if loaded := _module(module):
            found = loaded
            for part in path.removeprefix(f"{module}.").split("."):
                found = getattr(found, part, None)
            return found
        module = module.rpartition(".")[0]
    return found


def _callables(path: str, names: str) -> list[Any]:
    owner = _owner(path)
    return [getattr(owner, name) for name in names.split() if hasattr(owner, name)]


def releasing_callables() -> frozenset[Any]:
    """Builtin functions, method descriptors and types whose call releases the lock, for some arguments at least."""
    found: list[Any] = []
    for path, names in (_RELEASING | _TRANSFORMING).items():
        found += _callables(path, names)
    for path, names in _TRANSFORMING.items():
        _transforming.update(_callables(path, names))
    for path, (names, size) in _LARGE.items():
        _sizes.update(dict.fromkeys(_callables(path, names), size))
    for path in _OWN_TYPES:  # hash objects of Python's own implementation
        kinds = {kind for kind in vars(_module(path) or object).values() if isinstance(kind, type)}
        _sizes.update({kind.update: 2047 for kind in kinds if hasattr(kind, "update")})
    if select := _module("select"):
        found += [type(select.poll()).poll, *_callables("select.epoll", "poll")]
    return frozenset(found) | frozenset(_sizes)


_transforming: set[Any] = set()
_sizes: dict[Any, int] = {}


def releasing_types() -> tuple[type, ...]:
    """Types whose instances release the lock when they are called: foreign functions."""
    types: list[type] = []
    if ctypes := _module("_ctypes"):
        types.append(ctypes.CFuncPtr)
    if cffi := sys.modules.get("_cffi_backend"):
        types.append(cffi._CDataBase)
    return tuple(types)


_PYTHON_API = 4
"""FUNCFLAG_PYTHONAPI of ctypes: the call keeps the interpreter lock."""


def keeps_lock(callable_: Any, arguments: tuple[Any, ...] | None) -> bool:
    """Called with ``arguments`` it is atomic, like any builtin: on small data, or by ctypes into Python itself.

    None: they are not known. ``ctypes.cast`` is left out: its pointer is for a foreign function, which we see with an
    address alone.
    """
    if (size := _sizes.get(_known(callable_))) is not None:
        if not arguments:
            return arguments is not None
        data = arguments[0]
        return isinstance(data, (bytes, bytearray, memoryview)) and memoryview(data).nbytes <= size
    flags = getattr(type(callable_), "_flags_", 0)
    return isinstance(flags, int) and bool(flags & _PYTHON_API) and name_of(callable_) != "ctypes.cast"


def _known(callable_: Any) -> Any:
    """As which it would be in our lists: of a bound method its descriptor."""
    owner = getattr(callable_, "__self__", None)
    if isinstance(callable_, BuiltinFunctionType) and owner is not None and not isinstance(owner, ModuleType):
        callable_ = getattr(type(owner), callable_.__name__, None)
    return callable_ if isinstance(callable_, (BuiltinFunctionType, MethodDescriptorType, type)) else None


def is_foreign(callable_: Any) -> bool:
    """A foreign function (ctypes, cffi): it may write the memory that it is handed."""
    owner = type(getattr(callable_, "__self__", None)).__name__
    return isinstance(callable_, releasing_types()) or owner == "Lib"


def reads_real_clock(callable_: Any) -> bool:
    """A function of ctypes that reads a clock of libc, and was made before that was replaced."""
    ctypes = sys.modules.get("ctypes")
    if ctypes is None or not isinstance(callable_, ctypes._CFuncPtr):
        return False
    return _hooks.stands_in(int(ctypes.cast(callable_, ctypes.c_void_p).value or 0))


_FILLING = frozenset({"recv_into", "recvfrom_into", "recvmsg_into", "readinto", "readinto1"})


def fills(callable_: Any) -> bool:
    """It only overwrites the buffer that it is given.

    While it runs that holds parts of what it held before the call and holds after it, where other threads can run.
    """
    return _known(callable_) is not None and getattr(callable_, "__name__", "") in _FILLING


def transforms(callable_: Any) -> bool:
    """It makes other data of the data that it is given."""
    return _known(callable_) in _transforming


def name_of(callable_: Any) -> str:
    """How a report names a callable; never its arguments."""
    if ctypes := sys.modules.get("ctypes"):
        for known in ("memmove", "memset", "_string_at", "_wstring_at", "_cast"):
            if getattr(ctypes, known, None) is callable_:
                return f"ctypes.{known.removeprefix('_')}"
    callable_ = _known(callable_) or callable_
    owner = getattr(callable_, "__objclass__", None) or type(callable_)
    module = getattr(callable_, "__module__", None) or owner.__module__
    name = getattr(callable_, "__qualname__", None) or getattr(callable_, "__name__", type(callable_).__name__)
    return f"{module}.{name}"
