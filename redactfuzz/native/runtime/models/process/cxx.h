/* What libstdc++ keeps for each OS thread, and fibers must have each their own. */
#ifndef RFN_CXX_H
#define RFN_CXX_H

void rfn_cxx_loaded(void *handle);
void rfn_cxx_reset(void);
/* The address of a thread-local variable of the driver, or of a library: the fiber's own where we know it. */
void *rfn_cxx_variable(void *address);
/* The current thread ends: std::notify_all_at_thread_exit. */
void rfn_cxx_thread_ends(void);

#endif
