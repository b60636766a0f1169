/* A file that C code may not write to because of us: what the execution does after that, it would not do elsewhere. */
#ifndef RFH_DENIED_H
#define RFH_DENIED_H

int rfh_denied_install(void); /* 0 */
void rfh_denied_remove(void);

#endif
