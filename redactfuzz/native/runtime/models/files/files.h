/* Files that the program writes are kept in memory, outside of what a dump of the process would hold. */
#ifndef RFN_FILES_H
#define RFN_FILES_H

#include <stddef.h>
#include <stdint.h>

/* Calls `visit` for each file that was written in this execution and exists at its end (renamed ones by their last name),
 * and for what was written to stdout, stderr, pipes and sockets by the names "stdout", "stderr", "pipe". */
typedef void rfn_file_visitor(const char *name, const uint8_t *bytes, size_t size, void *context);
void rfn_files_visit(rfn_file_visitor *visit, void *context);
/* Whether such a name is one that the program gave, and no stream's. */
int rfn_is_path(const char *name);

/* What the program reads from stdin. `bytes` lies outside of what a dump holds, and stays there. */
void rfn_stdin(const uint8_t *bytes, size_t size);

#endif
