from typing import Any

# Made by cffi from C headers: see CMakeLists.txt.
ffi: Any
lib: Any
