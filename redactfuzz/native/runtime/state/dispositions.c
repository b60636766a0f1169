#include "state/dispositions.h"

#include "base/parts.h"

RFN_STATE struct sigaction rfn_actions[RFN_SIGNALS + 1];
RFN_STATE uint64_t rfn_actions_touched;
RFN_STATE uint64_t rfn_pending, rfn_by_kill;

rfn_fate rfn_default_of(int number)
{
    switch (number) {
    case SIGCHLD: case SIGURG: case SIGWINCH: case SIGCONT: case SIGSTOP: case SIGTSTP: case SIGTTIN: case SIGTTOU:
        return RFN_FATE_IGNORED;
    case SIGQUIT: case SIGILL: case SIGABRT: case SIGFPE: case SIGSEGV: case SIGBUS: case SIGSYS: case SIGTRAP:
    case SIGXCPU: case SIGXFSZ:
        return RFN_FATE_CORE;
    default:
        return RFN_FATE_TERMINATED;
    }
}
