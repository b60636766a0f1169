/* Real files, read once for all executions: what the program finds on disk is the same each time. */
#ifndef RFN_DISK_H
#define RFN_DISK_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct rfn_disk {
    const char *path;
    const uint8_t *bytes;
    size_t size;
    mode_t mode;
    int error; /* it cannot be opened for reading: an errno. Else 0 */
} rfn_disk;

/* Never NULL. What it returns stays until the next reset. */
const rfn_disk *rfn_disk_look(const char *path);

#endif
