/* The runtime's own input and output, by system calls. What libc calls by these names passes through models/streams/libraries.c,
 * where it may be the program's: nothing of ours does.
 */
#ifndef RFN_OS_H
#define RFN_OS_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* -- descriptors of the kernel. As the calls of these names, but that they go on when a signal has interrupted them */

ssize_t rfn_os_read(int file, void *bytes, size_t size);
/* The whole of it. -1, and errno: it cannot be. */
int rfn_os_write(int file, const void *bytes, size_t size);

/* -- reading text, line by line */

enum { RFN_OS_LINE = 4096 };

typedef struct rfn_os_lines {
    int file;
    size_t used, end; /* of `bytes`: [used, end) was read and not given yet */
    char bytes[RFN_OS_LINE];
} rfn_os_lines;

/* 0: it cannot be opened. */
int rfn_os_open_lines(rfn_os_lines *lines, const char *path);
/* Without its end; of a longer one the beginning. 0: there is none any more. */
int rfn_os_line(rfn_os_lines *lines, char *line, size_t size);
void rfn_os_close_lines(rfn_os_lines *lines);

/* The driver itself is at fault: says so, and ends the process. */
_Noreturn void rfn_internal(const char *what, ...) __attribute__((format(printf, 1, 2)));

#endif
