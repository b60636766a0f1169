/* Memory of the runtime that no dump holds: what the program wrote to files, paths, formatted text on its way. */
#ifndef RFN_HIDDEN_H
#define RFN_HIDDEN_H

#include <stddef.h>

/* Address space of `size` bytes between two pages that nobody may touch: a range that ends too late meets one before our tables. */
void *rfn_guarded(size_t size);
/* `size` bytes of zeros for as long as the process lives. Reserved as a whole, paid for where it is touched. Ends the
 * process when there is no address space left. */
void *rfn_hidden(size_t size);
/* The same for this process and all that are forked from it: what one of them writes the others see. */
void *rfn_hidden_shared(size_t size);
/* From now on this process alone sees the first `size` bytes of such memory, as they are. */
void rfn_hidden_apart(void *shared, size_t size);

#endif
