/* Waiting for several descriptors at once, and eventfd. */
#ifndef RFN_POLLING_H
#define RFN_POLLING_H

#include <sys/types.h>

#include "memory/store.h"
#include "schedule/fiber.h"

/* A pipe, or an eventfd, is not what it was. */
void rfn_polled_changed(void);

/* A descriptor of its own for what is no file. */
int rfn_fd_made(rfn_file_kind kind, const char *name, size_t counter, int flags, uintptr_t site);

/* write() and read() on an eventfd. */
ssize_t rfn_event_put(rfn_file *file, const void *bytes, size_t size);
ssize_t rfn_event_take(rfn_file *file, void *bytes, size_t size, int must_not_wait, uintptr_t site);

#endif
