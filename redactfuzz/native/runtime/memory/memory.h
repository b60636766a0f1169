/* The memory of the program: what is put back between executions, and what a dump of the process would hold.
 *
 * The program's heap, mappings and stacks lie in one window at a fixed address, so that every address is the same in each
 * execution and each process. Its globals lie where its shared object was loaded. Memory is tracked in lines of 64 bytes: a
 * line that was written in an execution is restored after it (globals from a copy, the window to zeros), and it alone is
 * searched at death. Stacks are tracked by how deep they went.
 */
#ifndef RFN_MEMORY_H
#define RFN_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#include "base/addresses.h"
#include "state/numbers.h"

#define RFN_WINDOW_SIZE (RFN_STACKS - RFN_WINDOW + RFN_MAIN_STACK_SIZE + (size_t)RFN_THREADS * RFN_STACK_SIZE)
/* A page behind the window that nobody may touch. */
#define RFN_OUTSIDE (RFN_WINDOW + RFN_WINDOW_SIZE)

/* What a real core would do with a page of the window or the globals. */
enum rfn_page_flags {
    RFN_MAPPED = 1u,       /* the program has it: unmapped pages are in no dump */
    RFN_DONTDUMP = 2u,     /* madvise said so */
    RFN_WIPEONFORK = 4u,
    RFN_DONTFORK = 8u,
    RFN_SECRET = 16u,      /* memfd_secret: never in a dump */
    RFN_LOCKED = 64u,      /* mlock: madvise takes no content away */
    RFN_PROTECTED = 32u,   /* mprotect took reading or writing away; a core holds it all the same */
    RFN_FILTERED = 256u,   /* of a file, and left out by the filter of cores: see filter.h */
    RFN_EVERY_FLAG = 0x17f,
};

int rfn_memory_init(void);
/* The program was loaded: its writable segments are [start, end). Their content from now on is what is restored. */
void rfn_globals(void *start, void *end);

/* The program writes, or a model writes for it. Cheap: two loads when the line was written before. */
void rfn_wrote(const void *address, size_t size);
/* Of a model's whole range, before its effect: one that ends outside of the program's memory faults, however it goes there. */
void rfn_come_to_end(const void *range, size_t size);
/* The kernel writes, a frame of a signal: on the stack of whoever is struck, where the current thread does not come. */
void rfn_kernel_wrote(const void *address, size_t size);
/* The same of a store whose step is yet to come, which announces it. */
void rfn_will_write(const void *address, size_t size);
/* The same of lines that are tracked, as far as there are lines, which nobody writes just now. 0: it is none of theirs. */
int rfn_marked(uintptr_t at, size_t size);

/* Whole pages of the window, below the stacks: what was written to them counts as written before, and from now on rfn_is_written says
 * whether anything is. They are put back, and searched, as they were. */
void rfn_unwritten(uintptr_t start, size_t size);
int rfn_is_written(uintptr_t start, size_t size);

/* Flags of whole pages; `set` are added, `clear` taken away. A reset puts them back. */
void rfn_pages(const void *start, size_t size, uint16_t set, uint16_t clear);
uint16_t rfn_page(const void *address);
/* Of the mappings the pages in [RFN_FIRST_MAPPING, rfn_mappings_end) are there, unless rfn_pages says otherwise: a large mapping
 * costs no more than a small one. Moved by pages.c, over pages that rfn_pages has not changed. */
#define RFN_FIRST_MAPPING (RFN_MAPPINGS + RFN_PAGE) /* the first page is nobody's, see objects.h */
extern uintptr_t rfn_mappings_end;
/* The same of the heap. Moved by blocks.c: where the next new block begins; 0: there is none yet. */
extern uintptr_t rfn_heap_end;

static inline uintptr_t rfn_heap_top(void) { return rfn_heap_end != 0 ? rfn_heap_end : RFN_HEAP; }

/* The pages of the window whose flags were changed in this execution, by index; NULL: there are no more. */
const uint8_t *rfn_page_changed(size_t index);

/* Is this memory of the program: 1 window, 2 globals, 0 no. */
int rfn_is_program(const void *address);

/* The arguments and the environment lie in [RFN_START, end) from now on: restored as they are now, and part of every dump. */
void rfn_start_is(uintptr_t end);
/* Is a page in a core? */
int rfn_shown(const uint8_t *address);

/* Visits what a core written now would hold of what was written in this execution: runs of lines, each within one
 * visible extent [from, to) of memory. */
typedef void rfn_visitor(const uint8_t *first, const uint8_t *last, const uint8_t *from, const uint8_t *to, void *context);
void rfn_visible(rfn_visitor *visit, void *context);
/* The same of everything that the program has, written or not: for code whose stores are not seen (process_image.c). */
void rfn_visible_image(rfn_visitor *visit, void *context);
/* [first, last) as far as its pages are shown; [start, end) bounds how far a fragment is followed. */
void rfn_visit(const uint8_t *first, const uint8_t *last, const uint8_t *start, const uint8_t *end, rfn_visitor *visit,
               void *context);
/* The program's writable segments. */
void rfn_globals_of(const uint8_t **start, const uint8_t **end);

#endif
