from typing import Any

# Made by cffi from the public headers, see build_ffi.py.
ffi: Any
lib: Any
