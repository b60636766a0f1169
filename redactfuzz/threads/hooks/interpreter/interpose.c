#define _GNU_SOURCE
#include "interpreter/interpose.h"

#include <elf.h>
#include <link.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined(__x86_64__)
enum { JUMP_SLOT = R_X86_64_JUMP_SLOT, GLOB_DAT = R_X86_64_GLOB_DAT, ABSOLUTE = R_X86_64_64 };
#elif defined(__aarch64__)
enum { JUMP_SLOT = R_AARCH64_JUMP_SLOT, GLOB_DAT = R_AARCH64_GLOB_DAT, ABSOLUTE = R_AARCH64_ABS64 };
#else
#error "which relocations bind a function is not known for this machine"
#endif

enum { TABLES = 12 }; /* more than there are parts with one */
static const rfh_import *tables[TABLES];
static unsigned long long loaded; /* objects, when they were last walked through */

/* The parts of an object that its pointers to functions are found by. */
typedef struct object {
    uintptr_t base, relro, relro_end;
    const char *file;
    const ElfW(Sym) *symbols;
    const char *strings;
    const ElfW(Rela) *lists[2];
    size_t sizes[2];
} object;

static int read_object(const struct dl_phdr_info *info, object *o)
{
    const ElfW(Dyn) *dynamic = NULL;
    *o = (object){.base = info->dlpi_addr, .file = info->dlpi_name};
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        if (segment->p_type == PT_DYNAMIC)
            dynamic = (const ElfW(Dyn) *)(o->base + segment->p_vaddr);
        if (segment->p_type == PT_GNU_RELRO) {
            o->relro = o->base + segment->p_vaddr;
            o->relro_end = o->relro + segment->p_memsz;
        }
    }
    for (; dynamic && dynamic->d_tag != DT_NULL; dynamic++) {
        uintptr_t at = dynamic->d_un.d_ptr;
        at += at < o->base ? o->base : 0; /* the linker has made it an address already, where it could write */
        switch (dynamic->d_tag) {
        case DT_SYMTAB: o->symbols = (const ElfW(Sym) *)at; break;
        case DT_STRTAB: o->strings = (const char *)at; break;
        case DT_JMPREL: o->lists[0] = (const ElfW(Rela) *)at; break;
        case DT_PLTRELSZ: o->sizes[0] = dynamic->d_un.d_val / sizeof(ElfW(Rela)); break;
        case DT_RELA: o->lists[1] = (const ElfW(Rela) *)at; break;
        case DT_RELASZ: o->sizes[1] = dynamic->d_un.d_val / sizeof(ElfW(Rela)); break;
        default: break;
        }
    }
    return o->symbols && o->strings;
}

static const rfh_import *wanted(const char *name, const char *file)
{
    for (int i = 0; i < TABLES && tables[i]; i++)
        for (const rfh_import *each = tables[i]; each->name; each++)
            if (*name == *each->name && strcmp(name, each->name) == 0 && (each->only == NULL || strstr(file, each->only)))
                return each;
    return NULL;
}

/* The pointer that relocation `n` of a list fills in, if it is one to a function that we stand in for. */
static void **slot_of(const object *o, const ElfW(Rela) *each, const rfh_import **found)
{
    uint32_t type = (uint32_t)ELF64_R_TYPE(each->r_info), symbol = (uint32_t)ELF64_R_SYM(each->r_info);
    if ((type != JUMP_SLOT && type != GLOB_DAT && !(type == ABSOLUTE && each->r_addend == 0)) || symbol == 0)
        return NULL;
    *found = wanted(o->strings + o->symbols[symbol].st_name, o->file);
    return *found ? (void **)(o->base + each->r_offset) : NULL;
}

static void set(const object *o, void **slot, void *value)
{
    if (*slot == value)
        return;
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), at = (uintptr_t)slot & ~(page - 1);
    int sealed = (uintptr_t)slot >= o->relro && (uintptr_t)slot < (o->relro_end & ~(page - 1)); /* whole pages are */
    if (sealed && mprotect((void *)at, page, PROT_READ | PROT_WRITE) != 0)
        return;
    __atomic_store_n(slot, value, __ATOMIC_RELEASE);
    if (sealed)
        mprotect((void *)at, page, PROT_READ);
}

static int holds(const struct dl_phdr_info *info, const void *address)
{
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        uintptr_t start = info->dlpi_addr + segment->p_vaddr;
        if (segment->p_type == PT_LOAD && (uintptr_t)address - start < segment->p_memsz)
            return 1;
    }
    return 0;
}

/* libc and the linker must reach themselves, and so must we; a sanitizer stands in for others itself. */
static int left_alone(const struct dl_phdr_info *info)
{
    static const char *const names[] = {"/libc.so", "/libc-", "/ld-", "linux-vdso", "linux-gate", "/libasan", "/libubsan",
                                        "/liblsan", "/libtsan", "/redactfuzz/_core/_engine.", "/redactfuzz/dumps/_process."};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strstr(info->dlpi_name, names[i]))
            return 1;
    return holds(info, (const void *)left_alone);
}

static int change(struct dl_phdr_info *info, size_t size, void *ignored)
{
    object o;
    loaded = info->dlpi_adds;
    if (left_alone(info) || !read_object(info, &o))
        return 0;
    for (int list = 0; list < 2; list++)
        for (size_t i = 0; i < o.sizes[list]; i++) {
            const rfh_import *found;
            void **slot = slot_of(&o, &o.lists[list][i], &found);
            if (slot)
                set(&o, slot, found->replacement);
        }
    return 0;
}

void *rfh_stands_in_for(const void *original)
{
    for (int i = 0; i < TABLES && tables[i]; i++)
        for (const rfh_import *each = tables[i]; original && each->name; each++)
            if (each->original == original && each->only == NULL)
                return each->replacement;
    return NULL;
}

void rfh_interpose(const rfh_import *table)
{
    for (int i = 0; i < TABLES; i++) {
        if (tables[i] == table)
            return;
        if (tables[i] == NULL) {
            tables[i] = table;
            loaded = 0;
            return;
        }
    }
    abort();
}

static int count_objects(struct dl_phdr_info *info, size_t size, void *count)
{
    *(unsigned long long *)count = info->dlpi_adds;
    return 1;
}

void rfh_interpose_refresh(void)
{
    unsigned long long now = 0;
    dl_iterate_phdr(count_objects, &now);
    if (now != loaded)
        dl_iterate_phdr(change, NULL);
}

typedef struct question {
    const void *inside;
    const char *name;
} question;

static int look(struct dl_phdr_info *info, size_t size, void *asked)
{
    const question *q = asked;
    object o;
    if (!holds(info, q->inside))
        return 0;
    for (int list = 0; read_object(info, &o) && list < 2; list++)
        for (size_t i = 0; i < o.sizes[list]; i++) {
            const rfh_import *found;
            void **slot = slot_of(&o, &o.lists[list][i], &found);
            if (slot && *slot == found->replacement && strcmp(found->name, q->name) == 0)
                return 1;
        }
    return 2; /* it holds it, and does not reach it */
}

int rfh_interposed_in(const void *inside, const char *name)
{
    question q = {inside, name};
    return dl_iterate_phdr(look, &q) == 1;
}
