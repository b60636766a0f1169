/* Where the models of this folder are told that a program was loaded, and that an execution begins. */
#include "sync.h"

#include "clock.h"
#include "cxx.h"
#include "futex.h"
#include "specific.h"
#include "leaving.h"
#include "receiver.h"

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
