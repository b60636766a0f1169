"""Line 5.6: the mask registers of AVX-512 are registers like others. Listed on machines that have them."""

from __future__ import annotations

from pathlib import Path

from truth import LEAK, PASS, program

_CPU = Path("/proc/cpuinfo")

if _CPU.exists() and "avx512bw" in _CPU.read_text("utf-8").split():
    for _right in (0, 1):
        program(
            "5.6",
            f"mask_register{'_right' if _right else ''}",
            PASS if _right else LEAK,
            "The key is left in a mask register" + (", which is cleared." if _right else "."),
            file="mask_register.c",
            levels=("-O1", "-O0", "-O2"),
            flags=("-mavx512bw", f"-DRIGHT={_right}"),
            explored={"executions": 40},
        )
