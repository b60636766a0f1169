/* Thread-local storage of the program: each fiber has a copy of its PT_TLS at the top of its stack, below the control block.
 * The program is compiled with -ftls-model=global-dynamic, so that every access asks __tls_get_addr. Variables of other
 * modules (its libraries) are those of the one OS thread, shared by all. */
#define _GNU_SOURCE /* dl_iterate_phdr */
#include <link.h>
#include <stddef.h>

#include "base/parts.h"
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

/* A copy of the program's image. The main thread's is what the constructors left in the driver's own. */
static void thread_starts(rfn_fiber *fiber)
{
    uintptr_t block = fiber->low;
    fiber->tls = (void *)block;
    if (image.module == 0) {
        return;
    }
    block = (block - image.memsize) & ~(uintptr_t)(image.align - 1);
    fiber->low = block & ~(uintptr_t)(STACK_ALIGNMENT - 1);
    if (fiber->number == RFN_MAIN) {
        index_ start = {image.module, 0};
        copy((uint8_t *)block, __tls_get_addr(&start), image.memsize);
    } else {
        copy((uint8_t *)block, image.bytes, image.filesize);
    }
    fiber->tls = (void *)block;
}

/* -- std::call_once hands its function over in two thread-local variables, which __once_proxy reads when its turn has come */

__thread void *model__ZSt15__once_callable;
__thread void *model__ZSt11__once_call;

static void *variable_of_cxx(void *address)
{
    if (rfn_current == NULL) {
        return address;
    }
    if (address == (void *)&model__ZSt15__once_callable) {
        return &rfn_control_of(rfn_current)->once_callable;
    }
    return address == (void *)&model__ZSt11__once_call ? &rfn_control_of(rfn_current)->once_call : address;
}

void *model___tls_get_addr(index_ *variable);
void *model___tls_get_addr(index_ *variable)
{
    if (rfn_current != NULL && variable->module == image.module) {
        return (uint8_t *)rfn_current->tls + variable->offset;
    }
    return variable_of_cxx(__tls_get_addr(variable));
}

void model___once_proxy(void);
void model___once_proxy(void)
{
    void *call = rfn_current != NULL ? rfn_control_of(rfn_current)->once_call : model__ZSt11__once_call;
    ((void (*)(void))call)();
}

RFN_PART(RFN_ON_MODELS_THREADS, tls, .thread_starts = thread_starts);
