#include "processor/aside.h"

#include <string.h>
#include <sys/mman.h>

enum { ALIGNMENT = 16 };

int rfn_aside_init(void)
{
#if defined(RFN_MACHINE_X86_64)
    size_t size = RFN_THREADS * (size_t)RFN_ASIDE_SIZE;
    void *memory = mmap((void *)RFN_ASIDE, size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
    if (memory != (void *)RFN_ASIDE) {
        return -1;
    }
    madvise(memory, size, MADV_DONTDUMP);
    madvise(memory, size, MADV_NOHUGEPAGE);
#endif
    return 0;
}

void rfn_aside_paused(rfn_fiber *fiber, rfn_pause *pause)
{
    pause->own = fiber->own;
    pause->outside = fiber->outside;
    if (fiber->outside != 0) {
        pause->sp = fiber->at.sp;
        memcpy(pause->kept, fiber->at.kept, sizeof pause->kept);
        rfn_aside_left(fiber);
        fiber->own = pause->sp & ~(uintptr_t)(ALIGNMENT - 1);
    }
}

void rfn_aside_resumed(rfn_fiber *fiber, const rfn_pause *pause)
{
    fiber->own = pause->own;
    if (pause->outside != 0) {
        fiber->outside = fiber->at.sp;
        memcpy((uint64_t *)fiber->own - RFN_KEPT_ASIDE, fiber->at.kept, RFN_KEPT_ASIDE * sizeof *fiber->at.kept);
        fiber->at.sp = pause->sp;
        memcpy(fiber->at.kept, pause->kept, sizeof pause->kept);
    }
}

void rfn_aside_left(rfn_fiber *fiber)
{
    if (fiber->outside != 0) {
        memcpy(fiber->at.kept, rfn_kept_outside(fiber), RFN_KEPT_ASIDE * sizeof *fiber->at.kept);
        fiber->at.sp = fiber->outside;
        fiber->outside = 0;
    }
}
