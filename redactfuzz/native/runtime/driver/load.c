#define _GNU_SOURCE /* dl_iterate_phdr */
#include "driver/load.h"

#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <string.h>

#include "base/parts.h"
#include "memory/memory.h"
#include "models/memory/heap.h"
#include "models/process/process.h"
#include "models/threads/sync.h"
#include "processor/aside.h"
#include "schedule/fiber.h"
#include "state/program.h"

typedef struct found {
    uintptr_t base;
    uintptr_t first, last;       /* writable segments */
    uintptr_t limit;
    int runs_stacks;             /* code on its stacks: it has functions inside functions */
} found;

static int look(struct dl_phdr_info *info, size_t size, void *context)
{
    found *what = context;
    (void)size;
    if (info->dlpi_addr != what->base) {
        return 0;
    }
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        uintptr_t start = info->dlpi_addr + segment->p_vaddr;
        uintptr_t end = start + segment->p_memsz;
        if (segment->p_type == PT_TLS) {
            rfn_tls_init((void *)start, segment->p_filesz, segment->p_memsz, segment->p_align);
        }
        if (segment->p_type == PT_GNU_STACK) {
            what->runs_stacks = (segment->p_flags & PF_X) != 0;
        }
        if (segment->p_type != PT_LOAD) {
            continue;
        }
        if (end > what->limit) {
            what->limit = end;
        }
        if (segment->p_flags & PF_W) {
            what->first = what->first == 0 || start < what->first ? start : what->first;
            what->last = end > what->last ? end : what->last;
        }
    }
    return 1;
}

/* The loader would run them from the last to the first. */
static void find_destructors(const struct link_map *map, rfn_destructor *const **destructors, size_t *count)
{
    for (const ElfW(Dyn) *entry_of = map->l_ld; entry_of->d_tag != DT_NULL; entry_of++) {
        if (entry_of->d_tag == DT_FINI_ARRAY) {
            *destructors = (rfn_destructor *const *)(map->l_addr + entry_of->d_un.d_ptr);
        } else if (entry_of->d_tag == DT_FINI_ARRAYSZ) {
            *count = entry_of->d_un.d_val / sizeof **destructors;
        }
    }
}

/* What the compiler's own destructor of a program calls, for what libc was given to run at the end: the runtime has all of
 * that. libc's would leave its frames over those of main(), and only once in a process. */
void __cxa_finalize(void *object);
void __cxa_finalize(void *object)
{
    (void)object;
}

int rfn_load(const char *path, char *why, unsigned size)
{
    struct link_map *map = NULL;
    found what = {0};
    rfn_main *main_of;
    rfn_destructor *const *destructors = NULL;
    size_t count = 0;
    void *program;
    rfn_loading = 1;
    program = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    rfn_loading = 0;
    if (program == NULL || dlinfo(program, RTLD_DI_LINKMAP, &map) != 0) {
        snprintf(why, size, "%s", dlerror());
        return -1;
    }
    main_of = (rfn_main *)dlsym(program, "program_main");
    if (main_of == NULL) {
        snprintf(why, size, "the program has no main()");
        return -1;
    }
    what.base = map->l_addr;
    rfn_base = map->l_addr;
    dl_iterate_phdr(look, &what);
    find_destructors(map, &destructors, &count);
    rfn_program_is(main_of, destructors, count);
    rfn_limit = what.limit;
    if (what.first != 0) {
        rfn_globals((void *)what.first, (void *)what.last);
    }
    if (what.runs_stacks) {
        rfn_stacks_run();
    }
    rfn_parts_loaded(program);
    return 0;
}
