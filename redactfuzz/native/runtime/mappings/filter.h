/* Which mappings of files a core holds: what the kernel's filter says (core(5), vma_dump_size of fs/coredump.c), as it is by default. */
#ifndef RFN_FILTER_H
#define RFN_FILTER_H

#include "mappings/areas.h"

/* An area was mapped, with its content; nothing was written to it. */
void rfn_filter_new(rfn_area *area);
/* `written` is called: before the area is cut, or its content comes from the file again. */
void rfn_filter_settle(rfn_area *area);
/* Its content is as it was mapped where nothing was written; `written` stays as it is. */
void rfn_filter_renew(rfn_area *area);

/* RFN_FILTERED is as a core that is written now has it: before memory is searched, and before a process really dies. */
void rfn_filter(void);

#endif
