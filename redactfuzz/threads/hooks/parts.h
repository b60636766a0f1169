/* What a campaign puts in place in the interpreter, and takes away again: the one list of it. */
#ifndef RFH_PARTS_H
#define RFH_PARTS_H

int rfh_parts_install(void); /* 0, or -1 with an exception set and nothing in place */
void rfh_parts_remove(void);
void rfh_parts_begin(void); /* before an execution */

#endif
