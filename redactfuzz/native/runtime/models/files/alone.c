#include "models/files/alone.h"

#include <errno.h>

#include "exposure/points.h"
#include "memory/copy.h"
#include "memory/touched.h"
#include "models/files/descriptors.h"
#include "models/files/file_locks.h"
#include "schedule/after.h"
#include "schedule/point.h"
#include "state/objects.h"

static int are_alone(void)
{
    return rfn.reduces && !rfn.dead && rfn_end_is_a_step() && !rfn_file_locks_any();
}

void rfn_at_alone(const void *object, uintptr_t site)
{
    if (are_alone()) {
        rfn_at_number(RFN_TOUCHED_FILES, site);
    } else {
        rfn_at(RF_RMW, object, site);
    }
    if (!are_alone()) { /* meanwhile others went on */
        rfn_touched_all();
    }
    if (!rfn_crash_is_a_step()) {
        rfn_touched_object(RF_READ, RFN_TOUCHED_PHASE); /* a dump is looked at before the next point: files are part of it */
    }
}

void rfn_at_files(uintptr_t site) { rfn_at_alone(RFN_OBJECT(RFN_DIRECTORIES), site); }

int rfn_is_file(int fd)
{
    int error = errno;
    const rfn_open *open = rfn_open_of(fd);
    errno = error;
    return open == NULL || ((open->file->kind == RFN_REGULAR || open->file->kind == RFN_OUTPUT) && open->to == NULL);
}

int rfn_at_file(int fd, uintptr_t site)
{
    int only;
    rfn_at_alone(rfn_fd_object(fd), site);
    only = rfn_is_file(fd);
    if (!only) {
        rfn_touched_all();
    }
    return only;
}

void rfn_touched_name(const char *path)
{
    rfn_touched(RF_READ, path, rfn_text_length(path) + 1);
}
