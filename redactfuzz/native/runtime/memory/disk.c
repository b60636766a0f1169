#include "memory/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hidden.h"
#include "base/os.h"
#include "base/parts.h"

enum {
    KNOWN = 1024,
    KEPT = 1 << 30,    /* bytes of files and names */
    LARGEST = 1 << 28, /* of one file */
};

/* Shared with children of fork, who go on with what they find here. */
static struct disk {
    uint32_t count;
    size_t used;
    rfn_disk known[KNOWN];
    uint8_t kept[KEPT];
} *disk;

/* Only when it has filled up: what was read stays true, so that executions do not depend on how many there were. */
static void reset(void)
{
    if (disk != NULL && (disk->count > KNOWN / 2 || disk->used > KEPT / 2)) {
        disk->count = 0;
        disk->used = 0;
    }
}

static int read_file(rfn_disk *entry, int file)
{
    struct stat state;
    size_t room = KEPT - disk->used;
    if (fstat(file, &state) != 0) {
        return errno;
    }
    entry->mode = state.st_mode;
    if (!S_ISREG(state.st_mode)) {
        return S_ISDIR(state.st_mode) ? 0 : ENXIO;
    }
    entry->bytes = disk->kept + disk->used;
    while (entry->size < room) {
        ssize_t got = rfn_os_read(file, disk->kept + disk->used + entry->size, room - entry->size);
        if (got < 0) {
            return errno;
        }
        if (got == 0) {
            disk->used += (entry->size + 15) & ~(size_t)15;
            return 0;
        }
        entry->size += (size_t)got;
        if (entry->size > LARGEST) {
            break;
        }
    }
    entry->size = 0;
    return EFBIG;
}

const rfn_disk *rfn_disk_look(const char *path)
{
    static const rfn_disk full = {.error = ENFILE};
    int before = errno;
    size_t length = strlen(path) + 1;
    rfn_disk *entry;
    int file;
    if (disk == NULL) {
        disk = rfn_hidden_shared(sizeof *disk);
    }
    for (uint32_t i = 0; i < disk->count; i++) {
        if (strcmp(disk->known[i].path, path) == 0) {
            return &disk->known[i];
        }
    }
    if (disk->count == KNOWN || length > KEPT - disk->used) {
        return &full;
    }
    entry = &disk->known[disk->count++];
    memset(entry, 0, sizeof *entry);
    entry->path = (const char *)disk->kept + disk->used;
    memcpy(disk->kept + disk->used, path, length);
    disk->used += length;
    /* Not a pipe or a device: opening one could wait, or do something. */
    file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    entry->error = file < 0 ? errno : read_file(entry, file);
    if (file >= 0) {
        close(file);
    }
    errno = before;
    return entry;
}

RFN_PART(RFN_ON_MEMORY, disk, .reset = reset);
