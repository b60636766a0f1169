"""python-rsa: RSA alone, of Python's integers, with primes of unequal size."""

from __future__ import annotations

import rsa
from orders import MESSAGE, Made, run


def of_rsa() -> Made:
    public, private = rsa.newkeys(2048)
    rsa.sign(MESSAGE, private, "SHA-256")
    return {"n": public.n, "e": public.e}, lambda: {"p": private.p, "q": private.q, "d": private.d}


if __name__ == "__main__":
    run({"rsa": of_rsa})
