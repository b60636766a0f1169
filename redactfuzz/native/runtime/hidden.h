/* Memory of the runtime that no dump holds: what the program wrote to files, paths, formatted text on its way. */
#ifndef RFN_HIDDEN_H
#define RFN_HIDDEN_H

#include <stddef.h>

/* `size` bytes of zeros for as long as the process lives. Reserved as a whole, paid for where it is touched. Ends the
 * process when there is no address space left. */
void *rfn_hidden(size_t size);

#endif
