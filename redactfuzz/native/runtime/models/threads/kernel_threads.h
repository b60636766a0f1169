/* Threads of libraries. */
#ifndef RFN_KERNEL_THREADS_H
#define RFN_KERNEL_THREADS_H

/* Notes a problem when this process has threads beside ours. */
void rfn_note_kernel_threads(void);

#endif
