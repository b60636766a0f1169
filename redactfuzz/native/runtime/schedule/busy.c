#include "schedule/busy.h"

enum { SPIN_ROUNDS = 32 /* of a loop that reads and does nothing else: busy waiting, which hands over */ };

/* Reads the same few things in the same few places again and again, and does nothing else: it waits for somebody, and hands
 * over once in a round. Whatever it does sets `spins` to 0, and with it the places are forgotten. */
int rfn_spins(rfn_fiber *fiber, uint64_t site, uint32_t object)
{
    rfn_spin *places = fiber->spin;
    uint32_t used = fiber->spins > 0 ? fiber->spin_used : 0;
    uint32_t at = fiber->spin_next < used ? fiber->spin_next : 0;
    for (uint32_t i = 0; i < used; i++) {
        if (places[at].site == site && places[at].object == object) {
            fiber->spin_next = (uint8_t)(at + 1);
            fiber->spins++;
            return at == 0 && fiber->spins > SPIN_ROUNDS * used;
        }
        at = at + 1 < used ? at + 1 : 0;
    }
    used = used < RFN_SPIN_PLACES ? used : 0;
    places[used] = (rfn_spin){site, object};
    fiber->spin_used = fiber->spin_next = (uint8_t)(used + 1);
    fiber->spins = 1;
    return 0;
}
