#define _GNU_SOURCE
#include "memory/given.h"

#include <string.h>

#include "base/parts.h"
#include "memory/touched.h"
#include "state/run.h"

enum { MOST = 64 };

static struct {
    uintptr_t text, end, pointer;
    uint64_t bit;
    uint32_t delivery;
} given[MOST];
static uint32_t count;
static RFN_STATE uint64_t unread; /* bits of those that the program has neither read nor spoken of in this execution */

/* The pointer in argv or envp that leads to the text. */
static uintptr_t pointer_to(uintptr_t text)
{
    const char *const *at = (const char *const *)(RFN_START + sizeof(char *));
    for (int tables = 0; tables < 2; tables++, at++) {
        for (; *at != NULL; at++) {
            if ((uintptr_t)*at <= text && text < (uintptr_t)*at + strlen(*at)) {
                return (uintptr_t)at;
            }
        }
    }
    return 0;
}

void rfn_given_init(void)
{
    count = 0;
    for (uint32_t i = 0; i < rfn.control_block->plan.canaries && count < MOST; i++) {
        const rfn_vault_canary *canary = rfn_canary(i);
        const void *found = NULL;
        if (canary->delivery == RFN_VARIABLE || canary->delivery == RFN_ARGUMENT) {
            found = memmem((const void *)RFN_START, RFN_START_SIZE, rfn.vault + canary->offset, canary->size);
        }
        if (found != NULL) {
            given[count].text = (uintptr_t)found;
            given[count].end = (uintptr_t)found + canary->size;
            given[count].pointer = pointer_to((uintptr_t)found);
            given[count].bit = UINT64_C(1) << i;
            given[count++].delivery = canary->delivery;
        }
    }
}

/* What nobody has read or spoken of yet may be there. */
static void reset(void)
{
    uint64_t bits = 0;
    for (uint32_t i = 0; i < count; i++) {
        /* Without hooks nobody sees that an argument is read. */
        bits |= given[i].delivery == RFN_ARGUMENT && rfn.control_block->plan.plain ? 0 : given[i].bit;
    }
    unread = bits;
    rfn.allowed = bits;
}

static void was_read(uint64_t bits)
{
    if ((rfn.allowed & bits & unread) != 0) {
        rfn_touched_phase();
    }
    rfn.allowed &= ~(bits & unread);
    unread &= ~bits;
}

void rfn_given_spoken_of(uint64_t bits) { unread &= ~bits; }

void rfn_given_read(uintptr_t address, size_t size)
{
    for (uint32_t i = 0; i < count; i++) {
        if ((address < given[i].end && given[i].text < address + size)
            || (address < given[i].pointer + sizeof(char *) && given[i].pointer < address + size)) {
            was_read(given[i].bit);
        }
    }
}

void rfn_arguments_read(void)
{
    for (uint32_t i = 0; i < count; i++) {
        was_read(given[i].delivery == RFN_ARGUMENT ? given[i].bit : 0);
    }
}

RFN_PART(RFN_ON_MEMORY, given, .reset = reset);
