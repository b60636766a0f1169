/* Leaving all frames of a thread that exits or was cancelled. */
#ifndef RFN_LEAVING_H
#define RFN_LEAVING_H

/* Runs what pthread_cleanup_push left and the destructors of all frames, and ends the thread with `result`. */
_Noreturn void rfn_thread_leaves(void *result);

#endif
