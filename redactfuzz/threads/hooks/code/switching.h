/* Where the interpreter says that it can switch threads, held against the table of meanings. */
#ifndef RFH_SWITCHING_H
#define RFH_SWITCHING_H

/* 0, or -1 with an exception: it can switch in the middle of an instruction of which the table does not say so. */
int rfh_switching_is_known(void);

#endif
