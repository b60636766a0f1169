"""What a program asks of its machine, user, terminal or library: the same in each execution, and another elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

CALLS: Mapping[str, str] = {
    "who runs it": """
        getuid geteuid getgid getegid getresuid getresgid getgroups getgrouplist getlogin getlogin_r cuserid
        getpwuid getpwuid_r getpwnam getpwnam_r getgrgid getgrgid_r getgrnam getgrnam_r
    """,
    "whether there is a terminal": "isatty ttyname ttyname_r ctermid tcgetattr tcgetpgrp",
    "how many processors there are, and limits of the system": """
        sysconf get_nprocs get_nprocs_conf sched_getaffinity pthread_getaffinity_np __sched_cpucount sched_getcpu getcpu
        _ZNSt6thread20hardware_concurrencyEv getdtablesize
    """,
    "the machine and its kernel": """
        uname gethostname getdomainname gethostid sysinfo getauxval __getauxval getpagesize get_phys_pages
        get_avphys_pages getloadavg __cpu_model __cpu_features2
    """,
    "the numbers of the process": "getpid getppid gettid getpgrp getpgid getsid",
    "how much of the machine it has used": "getrusage times clock_getcpuclockid pthread_getcpuclockid",
    "that a condition wakes by a signal or its deadline, and never by itself as POSIX allows": """
        pthread_cond_wait pthread_cond_timedwait pthread_cond_clockwait cnd_wait cnd_timedwait
        _ZNSt18condition_variable4waitERSt11unique_lockISt5mutexE
    """,
}
"""What is asked -> the names by which it is."""
_ASKED = {name: what for what, names in CALLS.items() for name in names.split()}
_INSTRUCTIONS = re.compile(r"\s(rdtscp?|rdpmc|rdpid|cpuid)\b")
_CLOCK = "the processor itself, whose clock is no virtual time"
_READABLE = {
    "_ZNSt6thread20hardware_concurrencyEv": "std::thread::hardware_concurrency",
    "_ZNSt18condition_variable4waitERSt11unique_lockISt5mutexE": "std::condition_variable::wait",
}


def asked(names: Iterable[str], code: str) -> Iterator[str]:
    """What a program asks, with the names, of what it calls and of its instructions as objdump shows them."""
    found: dict[str, set[str]] = {}
    for name in names:
        if name in _ASKED:
            found.setdefault(_ASKED[name], set()).add(_READABLE.get(name, name))
    instructions = set(_INSTRUCTIONS.findall(code))
    if instructions:
        found[_CLOCK] = instructions
    for what in (*CALLS, _CLOCK):
        if what in found:
            yield f"{what} ({', '.join(sorted(found[what]))})"
