/* Where the program calls a hook or a model. */
#ifndef RFN_SITE_H
#define RFN_SITE_H

#include <stdint.h>

#include "processor/machine.h"
#include "state/fibers.h"

/* A place that a thread may be parked at. SITE() is the address behind the call in the program's code: use it in the
 * outermost function of the runtime, the one that the program calls. */
#define SITE() rfn_called_from((uintptr_t)__builtin_extract_return_addr(__builtin_return_address(0)))

static inline uintptr_t rfn_called_from(uintptr_t back)
{
#if defined(RFN_MACHINE_X86_64)
    extern char __start_rfn_models_aside[], __stop_rfn_models_aside[]; /* the section, see aside_x86_64.S */
    if (back - (uintptr_t)__start_rfn_models_aside < (uintptr_t)(__stop_rfn_models_aside - __start_rfn_models_aside)) {
        return *(const uintptr_t *)rfn_current->outside;
    }
#endif
    return back;
}

#endif
