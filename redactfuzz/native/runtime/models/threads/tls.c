/* Thread-local storage of the program: each fiber has a copy of its PT_TLS at the top of its stack, below the control block.
 * The program is compiled with -ftls-model=global-dynamic, so that every access asks __tls_get_addr. Variables of other
 * modules (its libraries) are those of the one OS thread, shared by all. */
#define _GNU_SOURCE /* dl_iterate_phdr */
#include <link.h>
#include <stddef.h>

#include "models/process/cxx.h"
#include "models/threads/specific.h"
#include "models/threads/sync.h"
#include "state/control.h"

typedef struct index {
    unsigned long module;
    unsigned long offset;
} index_;

extern void *__tls_get_addr(index_ *variable);

enum { STACK_ALIGNMENT = 64 };

static struct {
    const void *bytes;
    size_t filesize;
    size_t memsize;
    size_t align;
    unsigned long module; /* 0: the program has none */
} image;

static int is_the_program(struct dl_phdr_info *object, size_t size, void *context)
{
    (void)size;
    (void)context;
    for (int i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
        if (segment->p_type == PT_TLS && object->dlpi_addr + segment->p_vaddr == (uintptr_t)image.bytes) {
            image.module = object->dlpi_tls_modid;
            return 1;
        }
    }
    return 0;
}

void rfn_tls_init(void *bytes, size_t filesize, size_t memsize, size_t align)
{
    image.bytes = bytes;
    image.filesize = filesize;
    image.memsize = memsize;
    image.align = align == 0 ? 1 : align;
    image.module = 0;
    if (memsize > 0) {
        dl_iterate_phdr(is_the_program, NULL);
    }
}

/* No memcpy: it would go through vector registers, which hold what the program left there. */
__attribute__((optimize("no-tree-loop-distribute-patterns"))) static void copy(uint8_t *to, const uint8_t *from, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        to[i] = from[i];
    }
}

void *rfn_tls_for(rfn_fiber *fiber)
{
    rfn_control *control = rfn_control_of(fiber);
    uintptr_t block = (uintptr_t)control;
    fiber->low = block;
    if (fiber->number == RFN_MAIN) {
        control->farewells = rfn_control_at_load.farewells;
        rfn_keys_begin(fiber);
    }
    if (image.module == 0) {
        return (void *)block;
    }
    block = (block - image.memsize) & ~(uintptr_t)(image.align - 1);
    fiber->low = block & ~(uintptr_t)(STACK_ALIGNMENT - 1);
    if (fiber->number == RFN_MAIN) {
        index_ start = {image.module, 0};
        copy((uint8_t *)block, __tls_get_addr(&start), image.memsize);
    } else {
        copy((uint8_t *)block, image.bytes, image.filesize);
    }
    return (void *)block;
}

void *model___tls_get_addr(index_ *variable);
void *model___tls_get_addr(index_ *variable)
{
    if (rfn_current != NULL && variable->module == image.module) {
        return (uint8_t *)rfn_current->tls + variable->offset;
    }
    return rfn_cxx_variable(__tls_get_addr(variable));
}
