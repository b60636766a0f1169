#include "driver/image.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/os.h"
#include "models/family/fork.h"
#include "state/run.h"
#include "state/self.h"

/* The descriptor's position is the end of what is there: forked children, and what they fork, share it. */

static void put(int file, const void *bytes, size_t size)
{
    if (rfn_os_write(file, bytes, size) != 0) {
        rfn_internal("the image of an execution cannot be kept: %s", strerror(errno));
    }
}

void rfn_image_begin(void)
{
    int file = rfn.control_block->plan.image;
    uint64_t none = 0;
    if (file == 0) {
        return;
    }
    if (ftruncate(file, sizeof(rfn_image)) != 0 || pwrite(file, &none, sizeof none, 0) != sizeof none
        || lseek(file, sizeof(rfn_image), SEEK_SET) < 0) {
        rfn_internal("the image of an execution cannot be kept: %s", strerror(errno));
    }
}

void rfn_image_keep(const uint8_t *bytes, size_t size, uint64_t address, rfn_where where, uint32_t thread,
                    const char *name)
{
    int file = rfn.control_block->plan.image;
    rfn_image_part part = {.address = address, .size = size, .where = where, .thread = thread};
    if (file == 0 || size == 0 || where == RFN_ELSEWHERE || rfn_is_twin()) {
        return;
    }
    part.allowed = rfn.strikes > 0 ? rfn.allowed_at_strike : rfn.allowed;
    if (name != NULL) {
        snprintf(part.file, sizeof part.file, "%s", name);
    } else {
        rfn_core_of_child(part.file, sizeof part.file);
    }
    put(file, &part, sizeof part);
    put(file, bytes, size);
}

void rfn_image_end(void)
{
    int file = rfn.control_block->plan.image;
    uint64_t size;
    if (file == 0) {
        return;
    }
    size = (uint64_t)lseek(file, 0, SEEK_CUR);
    if (pwrite(file, &size, sizeof size, 0) != sizeof size) {
        rfn_internal("the image of an execution cannot be kept: %s", strerror(errno));
    }
}

void rfn_image_asked(void (*report)(const rfn_image_part *part, void *context), void *context)
{
    int file = rfn.control_block->plan.image;
    rfn_image head;
    if (file == 0 || pread(file, &head, sizeof head, 0) != sizeof head) {
        return;
    }
    for (uint32_t i = 0; i < head.asked && i < RFN_ASKED; i++) {
        report(&head.place[i], context);
    }
}
