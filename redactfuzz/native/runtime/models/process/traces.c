/* backtrace and what shows it, as crash handlers use them. libgcc walks the frames; symbols are not looked up, an address
 * stands for itself. */
#define _GNU_SOURCE
#include <execinfo.h>
#include <stdint.h>

#include "choices/event.h"
#include "memory/copy.h"
#include "memory/memory.h"
#include "models/files/descriptors.h"
#include "models/memory/heap.h"
#include "models/strings/residue.h"
#include "schedule/point.h"
#include "state/program.h"

enum { LINE = 32 };

int model_backtrace(void **to, int size)
{
    int count = backtrace(to, size);
    rfn_wrote(to, count > 0 ? (size_t)count * sizeof *to : 0);
    rfn_mark_residue();
    return count;
}

/* "program(+0x1234)", where it lies in the program; "[library]" elsewhere. */
static size_t line_of(const void *address, char *line)
{
    uint64_t offset = rfn_site((uintptr_t)address);
    size_t size = 0;
    if (offset == 0) {
        rfn_copy(line, "[library]", sizeof "[library]");
        return sizeof "[library]" - 1;
    }
    rfn_copy(line, "program(+0x", sizeof "program(+0x" - 1);
    size = sizeof "program(+0x" - 1;
    for (int shift = 28; shift >= 0; shift -= 4) {
        line[size++] = "0123456789abcdef"[offset >> shift & 15];
    }
    line[size++] = ')';
    line[size] = 0;
    return size;
}

void model_backtrace_symbols_fd(void *const *addresses, int count, int fd)
{
    rfn_at(RF_RMW, rfn_fd_object(fd), SITE());
    for (int i = 0; i < count; i++) {
        char line[LINE];
        size_t size = line_of(addresses[i], line);
        line[size++] = '\n';
        rfn_fd_write(fd, line, size, SITE());
    }
}

/* One block: the table, then the texts. */
char **model_backtrace_symbols(void *const *addresses, int count)
{
    size_t all = (size_t)count * (sizeof(char *) + LINE);
    char **table = rfn_malloc(all, 1, SITE());
    if (table == NULL) {
        return NULL;
    }
    rfn_wrote(table, all);
    for (int i = 0; i < count; i++) {
        char *text = (char *)(table + count) + i * LINE;
        table[i] = text;
        line_of(addresses[i], text);
    }
    return table;
}
