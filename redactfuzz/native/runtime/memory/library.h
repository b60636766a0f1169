/* Static memory of the C library and what it keeps of its own for a thread, as far as values of the program's are in it: a seed,
 * the value of a key, what a handler of exit will be given. A model keeps such a value here and not in the driver, because a
 * core holds it, wherever libc has it: what lies here is searched, compared and put back as all that the program wrote.
 */
#ifndef RFN_LIBRARY_H
#define RFN_LIBRARY_H

#include <stddef.h>

/* `size` bytes of zeros, until the execution ends. They count as written. */
void *rfn_library(size_t size);

#endif
