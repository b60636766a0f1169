/* Locks of the interpreter's own, of imports and (3.14) of warnings: C code of it holds them over code of Python. */
#ifndef RFH_KEPT_H
#define RFH_KEPT_H

int rfh_kept_install(void);
void rfh_kept_remove(void);

#endif
