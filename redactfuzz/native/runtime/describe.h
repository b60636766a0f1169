/* Who waits for what: the conditions of all models, for a report that says it in words. */
#ifndef RFN_DESCRIBE_H
#define RFN_DESCRIBE_H

#include "fiber.h"

rfn_condition rfn_rwlock_can_read;
rfn_condition rfn_rwlock_can_write;
rfn_condition rfn_semaphore_is_up;
rfn_condition rfn_spin_is_free;
rfn_condition rfn_once_is_settled;
rfn_condition rfn_guard_is_settled;
rfn_condition rfn_has_ended;

/* Does a thread stand at this object, unable to go on. */
int rfn_has_waiters(const void *object);

#endif
