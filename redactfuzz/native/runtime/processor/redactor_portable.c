#define _GNU_SOURCE /* dladdr */
#include "processor/redactor_portable.h"

#include "processor/machine.h"
#include "state/program.h"
#include "state/run.h"

#if defined(RFN_MACHINE_PORTABLE)

#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST = sizeof((rfn_plan){0}.redactor) / sizeof((rfn_plan){0}.redactor[0]) };

static struct {
    uintptr_t start, size;
} redactors[MOST];
static uint32_t count;

/* The size of the function at an offset of the program, from its file; 0: not known. */
static uintptr_t size_in(const uint8_t *file, uintptr_t offset)
{
    const ElfW(Ehdr) *header = (const ElfW(Ehdr) *)(const void *)file;
    const ElfW(Shdr) *sections = (const ElfW(Shdr) *)(const void *)(file + header->e_shoff);
    for (unsigned i = 0; i < header->e_shnum; i++) {
        const ElfW(Sym) *symbols = (const ElfW(Sym) *)(const void *)(file + sections[i].sh_offset);
        if (sections[i].sh_type != SHT_SYMTAB) {
            continue;
        }
        for (size_t k = 0; k < sections[i].sh_size / sizeof *symbols; k++) {
            if (symbols[k].st_value == offset && symbols[k].st_size > 0 && ELF64_ST_TYPE(symbols[k].st_info) == STT_FUNC) {
                return symbols[k].st_size;
            }
        }
    }
    return 0;
}

static uintptr_t size_of(const uint8_t *entry)
{
    Dl_info program;
    struct stat state;
    uintptr_t size = 0;
    void *bytes;
    int file = dladdr(entry, &program) != 0 ? open(program.dli_fname, O_RDONLY | O_CLOEXEC) : -1;
    if (file >= 0 && fstat(file, &state) == 0) {
        bytes = mmap(NULL, (size_t)state.st_size, PROT_READ, MAP_PRIVATE, file, 0);
        if (bytes != MAP_FAILED) {
            size = size_in(bytes, (uintptr_t)entry - rfn_base);
            munmap(bytes, (size_t)state.st_size);
        }
    }
    close(file);
    return size;
}

/* What a bypassed redactor is overwritten with: code that needs nothing around it. */
__attribute__((noinline, optimize("omit-frame-pointer"))) static long bypassed(void)
{
    return 0;
}

void rfn_patch_redactor(uint8_t *entry, int bypass)
{
    redactors[count].start = (uintptr_t)entry;
    redactors[count++].size = size_of(entry);
    /* The shortest nop has one byte; as many bytes are enough to return 0 on every processor. */
    if (bypass) {
        rfn_write_code(entry, (const void *)(uintptr_t)bypassed, RFN_NOPS);
    }
}

void rfn_redactor_entered(uintptr_t pc)
{
    for (uint32_t i = 0; i < count; i++) {
        rfn.redactions += pc - redactors[i].start < redactors[i].size;
    }
}

#endif
