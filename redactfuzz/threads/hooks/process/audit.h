/* What leaves the runtime's control by way of the interpreter: forks, child processes, subinterpreters, changes of files. */
#ifndef RFH_AUDIT_H
#define RFH_AUDIT_H

/* Once in a process: an audit hook cannot be removed. Outside of controlled threads it looks for what tempfile makes, no more. */
int rfh_audit_install(void);

#endif
