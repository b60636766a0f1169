/* The plain build has no hooks: a thread of it is struck at an instruction by a breakpoint there. */
#ifndef RFN_BREAKPOINT_H
#define RFN_BREAKPOINT_H

/* What plan.strike_at asks for, once the program is loaded. Only in real mode: the process dies of it. */
void rfn_breakpoint_init(void);

#endif
