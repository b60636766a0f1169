/* Calls that have to do with files alone: with what is written in regular files and streams, and who has them open. That is one object
 * of the exploration core (RFN_TOUCHED_FILES), which the end of the process looks at; beside it they touch the memory that they report.
 *
 * Where the crash is no step, what files hold is part of the dump that is looked at before the next point. It is as that of a group of bytes
 * (exposure/groups.h): whatever changes it comes in one order in all executions of a class, and is ordered with what decides which secrets
 * count. The calls have touched everything where others notice more than files: where one is mapped, locked, or shared with children.
 */
#ifndef RFN_ALONE_H
#define RFN_ALONE_H

#include <stdint.h>

/* The point of such a call. Elsewhere it stands at `object`. */
void rfn_at_alone(const void *object, uintptr_t site);
void rfn_at_files(uintptr_t site);
/* The same of what stands at a descriptor. 0: it is no regular file and no stream, and the call has touched everything. */
int rfn_at_file(int fd, uintptr_t site);
/* What stands at a descriptor is such a file, or nothing does. */
int rfn_is_file(int fd);
/* What it names. */
void rfn_touched_name(const char *path);

#endif
