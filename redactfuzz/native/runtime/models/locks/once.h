/* What is done once. */
#ifndef RFN_ONCE_H
#define RFN_ONCE_H

/* The current thread ends: what it was about to do once is for others to do. The frames of a C program are not unwound. */
void rfn_once_thread_ends(void);

#endif
