/* Where the models of this folder are told that a program was loaded, and that an execution begins. */
#include "models/threads/sync.h"

#include "models/locks/futex.h"
#include "models/process/cxx.h"
#include "models/threads/clock.h"
#include "models/threads/leaving.h"
#include "models/threads/specific.h"
#include "state/fibers.h"

void rfn_sync_loaded(void *handle)
{
    rfn_keys_loaded();
    rfn_unwind_loaded(handle);
    rfn_cxx_loaded(handle);
}

void rfn_sync_reset(void)
{
    rfn_turns = 0;
    rfn_clock_reset();
    rfn_keys_reset();
    rfn_futexes_reset();
    rfn_cxx_reset();
}
