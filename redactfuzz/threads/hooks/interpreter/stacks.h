/* Memory for the interpreter's data stacks, kept from one controlled thread to the next.
 *
 * CPython gives each thread state a chunk of 16 KB for its frames at the first Python call, straight from its arena
 * allocator, that is from mmap, and unmaps it when the thread ends. With three threads an execution that is a tenth of
 * its time (page faults and shootdowns included). The arena allocator may be wrapped (PyObject_SetArenaAllocator).
 */
#ifndef RFH_STACKS_H
#define RFH_STACKS_H

int rfh_stacks_install(void); /* 0: it cannot fail */
/* Gives back what is kept. When somebody has wrapped the allocator since, ours stays below theirs, and keeps nothing. */
void rfh_stacks_remove(void);

#endif
