/* What leaves the runtime's control by way of the interpreter: forks, child processes, subinterpreters. */
#ifndef RFH_AUDIT_H
#define RFH_AUDIT_H

int rfh_audit_install(void);

#endif
