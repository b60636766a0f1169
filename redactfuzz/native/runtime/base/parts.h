/* Parts of the runtime: what a file has to do at set moments. Each part is defined beside the state that it sees to, with RFN_PART,
 * and the linker gathers them: nobody keeps a list.
 *
 * At each moment the parts are called from the ground up, floor by floor, those of a floor by name. So what lies below is in order
 * when a part is called: the heap is put back (models/memory) when the memory in which it lies has been (memory), and what a thread
 * leaves to its destructors (models/threads) is seen to before who waits for its end is woken (models/locks). Parts of one floor
 * do not depend on each other, or say so.
 */
#ifndef RFN_PARTS_H
#define RFN_PARTS_H

#include <stdint.h>

/* Every variable that an execution changes lies in one section, and the reset of a part puts it back: byte for byte, which is checked
 * where the plan asks for it (compare.h). What is constant once the program is loaded lies outside, and what belongs to the batch. */
#define RFN_STATE __attribute__((section("rfn_state")))

/* Folders of the runtime, ground first (docs/native.md). */
typedef enum rfn_floor {
    RFN_ON_BASE,
    RFN_ON_STATE,
    RFN_ON_MEMORY,
    RFN_ON_MAPPINGS,
    RFN_ON_PROCESSOR,
    RFN_ON_SCHEDULE,
    RFN_ON_EXPOSURE,
    RFN_ON_MODELS_MEMORY,
    RFN_ON_MODELS_STRINGS,
    RFN_ON_MODELS_THREADS,
    RFN_ON_MODELS_SIGNALS,
    RFN_ON_MODELS_LOCKS,
    RFN_ON_MODELS_FILES,
    RFN_ON_MODELS_STREAMS,
    RFN_ON_MODELS_FAMILY,
    RFN_ON_MODELS_PROCESS,
    RFN_ON_DRIVER,
} rfn_floor;

struct rfn_fiber;

/* Moments at which a part has nothing to do are left out. */
typedef struct rfn_part {
    rfn_floor floor;
    const char *name;                  /* of its file */
    void (*begins)(void);              /* once, before the program is loaded: floors below learn whom to call */
    /* The program was loaded, and its constructors have run. `handle`: what dlopen gave. 0: it has nothing that this part sees to, which
     * is left out from then on. */
    int (*loaded)(void *handle);
    void (*reset)(void);               /* before each execution, the first one included */
    /* A new thread, whose control block is all zeros: what begins with it is laid below fiber->low. The main thread is one. */
    void (*thread_starts)(struct rfn_fiber *fiber);
    /* The current thread ends: its frames are left, then its destructors run, then what it still holds is given up. */
    void (*thread_leaves)(void);
    void (*thread_ends)(void);
    void (*thread_ended)(void);
    void (*switched)(struct rfn_fiber *from, struct rfn_fiber *to); /* neither is NULL */
    void (*exits)(uintptr_t site);     /* exit() was called, and its handlers have run */
    void (*before_death)(void);        /* this process is about to really die, for a death that confirms */
} rfn_part;

#define RFN_PART(on, file, ...)                                                                                        \
    static const rfn_part part_##file = {.floor = on, .name = #file, __VA_ARGS__};                                     \
    static const rfn_part *const part_at_##file __attribute__((section("rfn_parts"), used)) = &part_##file

/* Before any other. */
void rfn_parts_init(void);
void rfn_parts_begin(void);
void rfn_parts_loaded(void *handle);
void rfn_parts_reset(void);
void rfn_parts_thread_starts(struct rfn_fiber *fiber);
void rfn_parts_thread_ends(void); /* all three */
void rfn_parts_switched(struct rfn_fiber *from, struct rfn_fiber *to);
void rfn_parts_exit(uintptr_t site);
void rfn_parts_before_death(void);

#endif
