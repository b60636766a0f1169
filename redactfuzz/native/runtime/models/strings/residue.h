/* What libc leaves below the stack pointer. Its printf and scanf run on the program's stack, as in the real process: digits
 * and pieces of text stay there in dead frames, and a core holds them.
 */
#ifndef RFN_RESIDUE_H
#define RFN_RESIDUE_H

/* After a call of libc's from a model: marks what it left as written, so that it is searched and put back. */
void rfn_mark_residue(void);

#endif
