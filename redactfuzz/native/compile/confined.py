"""Functions of the C library that nobody models and that stay within the process.

They may write anywhere in its memory, which is searched as a whole then, and may read what is the machine's. They write
no file, talk to nobody, and take no descriptor, stream or path of the program's, which are models.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

GROUPS: Mapping[str, str] = {
    "calculate and convert": """
        a64l l64a ecvt ecvt_r fcvt fcvt_r gcvt qecvt qecvt_r qfcvt qfcvt_r qgcvt strfmon strfmon_l strfry
        memfrob swab index rindex imaxdiv strtoq strtouq strxfrm getsubopt rpmatch dirname gnu_dev_major
        gnu_dev_makedev gnu_dev_minor frexpf frexpl modff modfl finitef finitel isinff isinfl isnanf isnanl
        isctype parse_printf_format printf_size printf_size_info versionsort versionsort64 alphasort alphasort64
        fnmatch
    """,
    "wide and multibyte characters": """
        btowc wctob mblen mbrlen mbrtowc mbsinit mbsnrtowcs mbsrtowcs mbstowcs mbtowc mbrtoc8 mbrtoc16 mbrtoc32
        c8rtomb c16rtomb c32rtomb towctrans iswctype iswblank iswcntrl iswgraph iswxdigit swprintf vswprintf
        swscanf vswscanf __isoc99_swscanf __isoc99_vswscanf __isoc23_swscanf __isoc23_vswscanf iconv iconv_open
        iconv_close
    """,
    "languages": """
        newlocale duplocale freelocale uselocale nl_langinfo_l gettext dgettext dcgettext ngettext dngettext
        dcngettext textdomain bindtextdomain bind_textdomain_codeset
    """,
    "tables, lists and patterns": """
        tsearch tfind tdelete twalk twalk_r tdestroy hcreate hsearch hdestroy hcreate_r hsearch_r hdestroy_r
        lsearch insque remque regcomp regexec regerror regfree re_comp re_exec re_compile_fastmap
        re_compile_pattern re_match re_match_2 re_search re_search_2 re_set_registers re_set_syntax
        _obstack_newchunk _obstack_allocated_p _obstack_begin _obstack_begin_1 _obstack_memory_used obstack_free
        obstack_printf obstack_vprintf argp_parse
    """,
    "random numbers": """
        random_r srandom_r initstate initstate_r setstate setstate_r drand48_r erand48_r lrand48_r nrand48
        nrand48_r mrand48_r jrand48 jrand48_r srand48_r seed48 seed48_r lcong48 lcong48_r
    """,
    "dates": "strptime strptime_l dysize tzname timezone daylight __tzname __timezone __daylight timespec_getres",
    "tell about the machine, its users and the process": """
        times getrusage clock_getcpuclockid getloadavg sysinfo uname gethostname getdomainname gethostid getcpu
        sched_getcpu sched_getaffinity sched_get_priority_max sched_get_priority_min sched_getparam
        sched_getscheduler sched_rr_get_interval getpriority getgroups getresuid getresgid getlogin getlogin_r
        getdtablesize get_phys_pages get_avphys_pages gnu_get_libc_release mallinfo mallinfo2 mincore getcwd
        get_current_dir_name getwd getpwnam getpwnam_r getpwuid getpwuid_r getpwent getpwent_r setpwent endpwent
        getgrnam getgrnam_r getgrgid getgrgid_r getgrent getgrent_r setgrent endgrent getgrouplist getservbyname
        getservbyname_r getservbyport getservbyport_r getprotobyname getprotobyname_r getprotobynumber
        getprotobynumber_r __libc_single_threaded __h_errno_location __res_state
    """,
    "say how the kernel is to run the process": """
        nice setpriority sched_setaffinity sched_setparam sched_setscheduler mallopt pthread_setattr_default_np
    """,
    "addresses of networks, as text and in bytes": """
        inet_addr inet_aton inet_ntoa inet_network inet_makeaddr inet_lnaof inet_netof ether_ntoa ether_ntoa_r
        ether_aton ether_aton_r gai_strerror hstrerror in6addr_any in6addr_loopback freeaddrinfo
    """,
    "what is to be done later, in the program's memory": """
        sigandset sigorset cfmakeraw cfgetispeed cfgetospeed cfsetispeed cfsetospeed cfsetspeed
        posix_spawn_file_actions_init posix_spawn_file_actions_destroy posix_spawn_file_actions_addchdir_np
        posix_spawn_file_actions_addclosefrom_np __fdelt_chk __sched_cpucount __sched_cpualloc __sched_cpufree
        pthread_getattr_default_np pthread_getcpuclockid pthread_mutex_getprioceiling
        pthread_mutex_setprioceiling sigabbrev_np wordfree globfree globfree64 if_freenameindex
    """,
    "code that is loaded": "dlsym dlvsym dlclose dlerror dladdr dladdr1 dlinfo dl_iterate_phdr",
}
"""Reason -> names."""

_NAMES = frozenset(name for names in GROUPS.values() for name in names.split())
_FAMILIES = re.compile(
    r"(?:is|to|str)\w+_l|strto[fd]\w*|strfrom\w+|stdc_\w+|wc[sp]\w+|wmem\w+|wctrans\w*|wctype\w*"
    r"|wc(?:width|rtomb|tomb)|(?:__)?(?:argz|envz)_\w+|posix_spawnattr_\w+|pthread_(?:mutex|cond|rwlock|barrier)?attr_\w+"
)
_CHECKED = re.compile(r"__(\w+)_chk")


def is_confined(name: str) -> bool:
    """Whether a function of the C library is one of these, or the variant of one that _FORTIFY_SOURCE calls."""
    checked = _CHECKED.fullmatch(name)
    names = (name, checked[1]) if checked else (name,)
    return any(one in _NAMES or _FAMILIES.fullmatch(one) for one in names)
