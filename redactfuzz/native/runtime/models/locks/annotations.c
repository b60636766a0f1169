/* What the C++ library tells a detector of data races about the locks that it makes of atomics (std::atomic<std::shared_ptr>). We see
 * the atomics themselves, so nothing of it is needed. Names: <sanitizer/tsan_interface.h>.
 */
#include <stdint.h>

#define ANNOTATION(name) \
    void model___tsan_mutex_##name(void *mutex, unsigned flags) \
    { \
        (void)mutex; \
        (void)flags; \
    }

ANNOTATION(create)
ANNOTATION(destroy)
ANNOTATION(pre_lock)
ANNOTATION(pre_signal)
ANNOTATION(post_signal)
ANNOTATION(pre_divert)
ANNOTATION(post_divert)
ANNOTATION(post_unlock)

void model___tsan_mutex_post_lock(void *mutex, unsigned flags, int recursion)
{
    (void)mutex;
    (void)flags;
    (void)recursion;
}

int model___tsan_mutex_pre_unlock(void *mutex, unsigned flags)
{
    (void)mutex;
    (void)flags;
    return 0;
}

void model___tsan_acquire(void *at) { (void)at; }

void model___tsan_release(void *at) { (void)at; }
