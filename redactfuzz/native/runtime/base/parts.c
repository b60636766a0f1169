#include "base/parts.h"

#include <stddef.h>
#include <string.h>

#include "base/os.h"

enum { MOST = 80 };

extern const rfn_part *const __start_rfn_parts[], *const __stop_rfn_parts[];

/* In their order. */
static const rfn_part *parts[MOST];
static size_t count;

/* For each moment those that have something to do then; the last is NULL. */
static struct {
    void (*begins[MOST + 1])(void);
    void (*reset[MOST + 1])(void);
    void (*thread_starts[MOST + 1])(struct rfn_fiber *);
    void (*thread_leaves[MOST + 1])(void);
    void (*thread_ends[MOST + 1])(void);
    void (*thread_ended[MOST + 1])(void);
    void (*switched[MOST + 1])(struct rfn_fiber *, struct rfn_fiber *);
    void (*exits[MOST + 1])(uintptr_t);
    void (*before_death[MOST + 1])(void);
} at;

static int is_before(const rfn_part *one, const rfn_part *other)
{
    return one->floor != other->floor ? one->floor < other->floor : strcmp(one->name, other->name) < 0;
}

static void add(const rfn_part *part)
{
    size_t place = count++;
    for (; place > 0 && is_before(part, parts[place - 1]); place--) {
        parts[place] = parts[place - 1];
    }
    parts[place] = part;
}

#define GATHER(moment)                                                                                                 \
    for (size_t i = 0, used = 0; i < count; i++) {                                                                     \
        if (parts[i]->moment != NULL) {                                                                                \
            at.moment[used++] = parts[i]->moment;                                                                      \
        }                                                                                                              \
    }

static void gather(void)
{
    GATHER(begins)
    GATHER(reset)
    GATHER(thread_starts)
    GATHER(thread_leaves)
    GATHER(thread_ends)
    GATHER(thread_ended)
    GATHER(switched)
    GATHER(exits)
    GATHER(before_death)
}

void rfn_parts_init(void)
{
    if (__stop_rfn_parts - __start_rfn_parts > MOST) {
        rfn_internal("more than %d parts", MOST);
    }
    for (const rfn_part *const *part = __start_rfn_parts; part < __stop_rfn_parts; part++) {
        add(*part);
    }
    gather();
}

#define CALL(moment, ...)                                                                                              \
    for (size_t i = 0; at.moment[i] != NULL; i++) {                                                                    \
        at.moment[i](__VA_ARGS__);                                                                                     \
    }

void rfn_parts_begin(void) { CALL(begins) }
void rfn_parts_reset(void) { CALL(reset) }
void rfn_parts_thread_starts(struct rfn_fiber *fiber) { CALL(thread_starts, fiber) }
void rfn_parts_switched(struct rfn_fiber *from, struct rfn_fiber *to) { CALL(switched, from, to) }
void rfn_parts_exit(uintptr_t site) { CALL(exits, site) }
void rfn_parts_before_death(void) { CALL(before_death) }

void rfn_parts_loaded(void *handle)
{
    size_t left = 0;
    for (size_t i = 0; i < count; i++) {
        if (parts[i]->loaded == NULL || parts[i]->loaded(handle)) {
            parts[left++] = parts[i];
        }
    }
    count = left;
    memset(&at, 0, sizeof at);
    gather();
}

void rfn_parts_thread_ends(void)
{
    CALL(thread_leaves)
    CALL(thread_ends)
    CALL(thread_ended)
}
