"""Library functions that change nothing but what they are handed: nobody needs to stand in for them."""

from __future__ import annotations

_NAMES = """
abs labs llabs div ldiv lldiv
isalnum isalpha isdigit isspace isupper islower isxdigit isprint ispunct iscntrl isgraph isblank toupper tolower
__ctype_b_loc __ctype_tolower_loc __ctype_toupper_loc __errno_location
atoi atol atoll strtol strtoul strtoll strtoull strtod strtof
strlen strnlen strcmp strncmp strcasecmp strncasecmp strchr strrchr strstr strspn strcspn strpbrk memchr memcmp
getpid gettid getppid getuid geteuid getgid getegid sysconf getpagesize htons htonl ntohs ntohl
sigemptyset sigfillset sigaddset sigdelset sigismember
"""
HARMLESS: frozenset[str] = frozenset(_NAMES.split())
