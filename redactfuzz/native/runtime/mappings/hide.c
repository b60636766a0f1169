#include "mappings/hide.h"

#include <sys/mman.h>

#include "memory/memory.h"

static void show(const uint8_t *first, const uint8_t *last, const uint8_t *from, const uint8_t *to, void *context)
{
    uintptr_t start = (uintptr_t)first & ~(uintptr_t)(RFN_PAGE - 1);
    uintptr_t end = ((uintptr_t)last + RFN_PAGE - 1) & ~(uintptr_t)(RFN_PAGE - 1);
    (void)from;
    (void)to;
    (void)context;
    madvise((void *)start, end - start, MADV_DODUMP);
}

void rfn_hide(void)
{
    const uint8_t *address, *end;
    madvise((void *)RFN_WINDOW, RFN_WINDOW_SIZE, MADV_DONTDUMP);
    rfn_visible(show, NULL);
    show((const uint8_t *)RFN_HEAP, (const uint8_t *)rfn_heap_top(), NULL, NULL, NULL);
    if (rfn_mappings_end > RFN_FIRST_MAPPING) {
        show((const uint8_t *)RFN_FIRST_MAPPING, (const uint8_t *)rfn_mappings_end, NULL, NULL, NULL);
    }
    for (size_t i = 0; (address = rfn_page_changed(i)) != NULL; i++) {
        madvise((void *)(uintptr_t)address, RFN_PAGE, rfn_shown(address) ? MADV_DODUMP : MADV_DONTDUMP);
    }
    rfn_globals_of(&address, &end);
    for (; address < end; address += RFN_PAGE) {
        if (!rfn_shown(address)) {
            madvise((void *)(uintptr_t)address, RFN_PAGE, MADV_DONTDUMP);
        }
    }
}
