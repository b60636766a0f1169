/* eventfd: a counter behind a descriptor. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/eventfd.h>

#include "choices/event.h"
#include "memory/memory.h"
#include "models/files/descriptors.h"
#include "models/files/polling.h"
#include "models/threads/sync.h"
#include "schedule/point.h"
#include "schedule/wait.h"
#include "state/outcome.h"

int model_eventfd(unsigned first, int flags)
{
    if (flags & EFD_SEMAPHORE) {
        rfn_problem(RFN_PROBLEM_REFUSED, SITE(), "the program calls eventfd with EFD_SEMAPHORE, which is not carried out: it fails");
        errno = EINVAL;
        return -1;
    }
    return rfn_fd_made(RFN_EVENT, "eventfd", first, flags & EFD_NONBLOCK ? O_NONBLOCK : 0, SITE());
}

/* It is above zero. */
static int is_raised(const void *object)
{
    for (uint32_t i = 0; i < rfn_file_count(); i++) {
        const rfn_file *file = rfn_file_number(i);
        if (file->kind == RFN_EVENT && rfn_file_object(file) == object) {
            return file->taken > 0;
        }
    }
    return 1;
}

static const rfn_condition raised = {
    .can = is_raised, .name = "the eventfd", .descriptor = rfn_fd_with, .flags = RFN_ENDED_BY_FAMILY | RFN_LOOKS_AGAIN};

ssize_t rfn_event_put(rfn_file *file, const void *bytes, size_t size)
{
    uint64_t added;
    if (size < sizeof added) {
        errno = EINVAL;
        return -1;
    }
    memcpy(&added, bytes, sizeof added);
    file->taken += (size_t)added;
    rfn_changed(rfn_file_object(file));
    rfn_polled_changed();
    return sizeof added;
}

ssize_t rfn_event_take(rfn_file *file, void *bytes, size_t size, int must_not_wait, uintptr_t site)
{
    uint64_t counter;
    if (size < sizeof counter) {
        errno = EINVAL;
        return -1;
    }
    if (file->taken == 0 && must_not_wait) {
        errno = EAGAIN;
        return -1;
    }
    if (file->taken == 0) {
        rfn_wake wake = rfn_wait_interruptibly(&raised, rfn_file_object(file), RF_ACQUIRE, site, RFN_FOREVER);
        if (wake == RFN_CANCELLED) {
            rfn_cancellation_point(site);
        }
        if (wake == RFN_INTERRUPTED) {
            errno = EINTR;
            return -1;
        }
    }
    counter = file->taken;
    file->taken = 0;
    rfn_wrote(bytes, sizeof counter);
    memcpy(bytes, &counter, sizeof counter);
    return sizeof counter;
}

int model_eventfd_read(int fd, eventfd_t *value)
{
    rfn_cancellation_point(SITE());
    rfn_at(RF_RMW, rfn_fd_object(fd), SITE());
    return rfn_fd_read(fd, value, sizeof *value, SITE()) == sizeof *value ? 0 : -1;
}

int model_eventfd_write(int fd, eventfd_t value)
{
    rfn_at(RF_RMW, rfn_fd_object(fd), SITE());
    return rfn_fd_write(fd, &value, sizeof value, SITE()) == sizeof value ? 0 : -1;
}
