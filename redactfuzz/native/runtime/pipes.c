/* Pipes, and pairs of sockets. */
#include <fcntl.h>
#include <stddef.h>

#include "descriptors.h"

static rfn_file *pipe_at(const void *object)
{
    for (uint32_t i = 0; i < rfn_file_count(); i++) {
        rfn_file *file = rfn_file_number(i);
        if (file->kind == RFN_PIPE && rfn_file_object(file) == object) {
            return file;
        }
    }
    return NULL;
}

int rfn_pipe_is_readable(const void *object)
{
    const rfn_file *file = pipe_at(object);
    return file == NULL || file->size > file->taken || file->writers == 0;
}

int rfn_fd_pair(rfn_file *from, rfn_file *to, int flags)
{
    int fd = rfn_fd_new(from, flags | O_RDONLY, 0);
    rfn_open *open = fd < 0 ? NULL : rfn_open_of(fd);
    if (open != NULL) {
        open->flags = flags | O_RDWR;
        open->to = to;
        to->writers++;
    }
    return fd;
}
