"""Library functions that need no model: they may be called as they are, and leave nothing behind."""

from __future__ import annotations

import re
from collections.abc import Mapping

_REAL = """
acos acosh asin asinh atan atan2 atanh cbrt ceil copysign cos cosh erf erfc exp exp2 exp10 expm1 fabs fdim floor fma
fmax fmin fmod hypot ilogb j0 j1 ldexp llrint llround log log10 log1p log2 logb lrint lround nan nearbyint nextafter
nexttoward pow remainder rint round scalbln scalbn sin sinh sqrt tan tanh tgamma trunc
"""

GROUPS: Mapping[str, str] = {
    "calculate with what they are given, and give a number": """
        abs labs llabs imaxabs div ldiv lldiv ffs ffsl ffsll
        atoi atol atoll atof
        htons htonl ntohs ntohl
        difftime
        __isnan __isnanf __isnanl __isinf __isinff __isinfl __finite __finitef __finitel __fpclassify __fpclassifyf
        __signbit __signbitf __signbitl isnan isinf finite
    """,
    "fractions; none that writes through a pointer (sincos, remquo) or into a variable (lgamma)": " ".join(
        f"{name} {name}f {name}l" for name in _REAL.split()
    ),
    "look at one character; their tables are constant": """
        isalnum isalpha isascii isblank iscntrl isdigit isgraph islower isprint ispunct isspace isupper isxdigit
        tolower toupper toascii
        iswalnum iswalpha iswdigit iswspace iswupper iswlower iswpunct iswprint towlower towupper
        __ctype_b_loc __ctype_tolower_loc __ctype_toupper_loc __ctype_get_mb_cur_max
    """,
    "read memory, and write none. Those that threads race on have models beside (reading.c)": """
        strlen strnlen strcmp strncmp strcasecmp strncasecmp strcoll strchr strchrnul strrchr strstr strcasestr
        strspn strcspn strpbrk strverscmp memchr memrchr rawmemchr memcmp bcmp memmem basename
        wcslen wcscmp wcsncmp wcschr wmemcmp
        __memcmp_eq timingsafe_bcmp timingsafe_memcmp
    """,
    "call the program's function, and keep nothing": "bsearch lfind",
    "tell what is the same for the whole process, and in each execution": """
        getuid geteuid getgid getegid getpid getppid gettid sysconf getpagesize get_nprocs get_nprocs_conf
        gnu_get_libc_version getauxval __getauxval confstr
        __errno_location __libc_current_sigrtmin __libc_current_sigrtmax
        strsignal sigabbrev_np sigdescr_np strerrorname_np strerrordesc_np
    """,
    "only look at a set of signals": "sigismember sigisemptyset",
    "set what is the same already: the program runs in the C locale": "setlocale localeconv nl_langinfo",
    "gives back to the kernel what libc itself does not use": "malloc_trim",
}
"""Reason -> names. They write nothing into the program's memory that outlives them, keep no state that one execution
could see of another, and do not block."""

HARMLESS: frozenset[str] = frozenset(name for names in GROUPS.values() for name in names.split())

HARMLESS_CXX = re.compile(
    r"_ZT[IVS]|_ZNK?Sa"
    r"|_ZSt(?:\d+__throw_|9terminatev|7nothrow|18_Rb_tree_(?:in|de)crement|11_Hash_bytes|15future_category)"
    r"|_ZNSt3_V21\d(?:generic|system)_category"
    r"|_ZSt\d+(?:current_exception|rethrow_exception|uncaught_exceptions?)|_ZNK?St15__exception_ptr13exception_ptr"
    r"|_ZNSt(?:9exceptionD|11logic_errorC2E|12future_errorD)|_ZNKSt9(?:exception4what|type_info)"
    r"|_ZNSt19_Sp_make_shared_tag|_ZNSt8ios_base4Init[CD]"
)
"""The same of the C++ library, as it is mangled: types, what ends or looks on, what inline code of <future> refers to,
and what <iostream> does at load. Strings, trees, lists and streams allocate, and write into what is the program's."""
