/* Whether the process may leave a core, as it has asked for. */
#ifndef RFN_CORE_LIMIT_H
#define RFN_CORE_LIMIT_H

#include <sys/resource.h>

extern int rfn_dumpable; /* PR_SET_DUMPABLE */
extern struct rlimit rfn_core_limit;

/* Does a death by a signal leave a core? 0: prctl(PR_SET_DUMPABLE, 0), or RLIMIT_CORE is 0. */
int rfn_leaves_core(void);

#endif
