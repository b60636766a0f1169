#include "models/strings/residue.h"

#include <stdint.h>

#include "memory/memory.h"
#include "memory/touched.h"
#include "schedule/fiber.h"

enum { DEEPEST = 12 << 10 /* bytes: more than printf of glibc or musl needs */ };

/* Below where it has been a stack is zero, so the first word that is not shows how deep it went. */
__attribute__((noinline)) void rfn_mark_residue(void)
{
    uintptr_t here = (uintptr_t)__builtin_frame_address(0) & ~(uintptr_t)7;
    const rfn_fiber *fiber = rfn_current;
    uintptr_t lowest, at;
    if (fiber == NULL) {
        return;
    }
    if (here - fiber->base < fiber->top - fiber->base) {
        lowest = fiber->base + RFN_PAGE; /* its guard */
    } else {
        lowest = (uintptr_t)fiber->alternate.ss_sp;
        if (here - lowest >= fiber->alternate.ss_size) {
            return; /* a stack that the program made by itself */
        }
    }
    at = here - lowest < DEEPEST ? (lowest + 7) & ~(uintptr_t)7 : here - DEEPEST;
    while (at < here && *(const uint64_t *)at == 0) {
        at += sizeof(uint64_t);
    }
    if (rfn_is_private(fiber, at)) { /* one for all: nobody else looks there but who makes a dump */
        rfn_will_write((const void *)at, here - at);
        rfn_touched_own();
    } else {
        rfn_wrote((const void *)at, here - at);
    }
}
