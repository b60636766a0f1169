/* Everything that a core of this process would hold: for executions that have a process of their own, because code
 * that we do not see (a library) may keep secrets anywhere, in the heap of the real libc as well.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/os.h"
#include "memory/memory.h"
#include "state/run.h"

enum { LINE = 512 };

typedef struct mapping {
    uintptr_t start, end;
    int readable, writable;
    int left_out; /* VmFlags: dd, MADV_DONTDUMP; io */
} mapping;

static void visit_mapping(const mapping *what, rfn_visitor *visit, void *context)
{
    const uint8_t *start = (const uint8_t *)what->start, *end = (const uint8_t *)what->end;
    if (what->readable && what->writable && !what->left_out && what->end > what->start && !rfn_is_program(start)) {
        visit(start, end, start, end, context);
    }
}

/* The window is one mapping of 32 GB: of it, what the program's models gave out. */
static void visit_window(rfn_visitor *visit, void *context)
{
    const uint8_t *heap = (const uint8_t *)RFN_HEAP, *top = (const uint8_t *)rfn_heap_top();
    const uint8_t *maps = (const uint8_t *)RFN_FIRST_MAPPING, *end = (const uint8_t *)rfn_mappings_end;
    const uint8_t *first, *last;
    rfn_globals_of(&first, &last);
    rfn_visit(first, last, first, last, visit, context);
    rfn_visit(heap, top, heap, top, visit, context);
    rfn_visit(maps, end, maps, end, visit, context);
}

void rfn_visible_image(rfn_visitor *visit, void *context)
{
    rfn_os_lines file;
    mapping now = {0};
    char line[LINE];
    rfn_visible(visit, context);
    visit_window(visit, context);
    if (!rfn_os_open_lines(&file, "/proc/self/smaps")) {
        rfn_problem(RFN_PROBLEM_UNREADABLE, 0, "/proc/self/smaps: what lies outside of the program's own memory");
        return;
    }
    while (rfn_os_line(&file, line, sizeof line)) {
        uintptr_t start, end;
        char rights[8];
        if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %7s", &start, &end, rights) == 3) {
            visit_mapping(&now, visit, context);
            now = (mapping){start, end, rights[0] == 'r', rights[1] == 'w', 0};
        } else if (strncmp(line, "VmFlags:", 8) == 0) {
            now.left_out = strstr(line, " dd") != NULL || strstr(line, " io") != NULL;
        }
    }
    visit_mapping(&now, visit, context);
    rfn_os_close_lines(&file);
}
