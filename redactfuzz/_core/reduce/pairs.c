#include "reduce/pairs.h"

#include <string.h>

void rf_pairs_begin(rf_pairs_state *p)
{
    p->site = 0;
    p->thread = RF_NO_THREAD;
    p->writes = 0;
    p->pairs = 0;
    memset(p->pair, 0, sizeof p->pair);
    memset(p->lists, 0, sizeof p->lists);
}

/* A table that is never more than three quarters full, so that a search in it ends. */
static void note(rf_pairs_state *p, uint64_t writer, uint64_t other, uint32_t overwrites)
{
    uint32_t at = (uint32_t)rf_mix(rf_mix(writer) ^ (other + overwrites)) & (RF_PAIRS - 1);
    for (; p->pair[at].there; at = (at + 1) & (RF_PAIRS - 1)) {
        if (p->pair[at].writer == writer && p->pair[at].other == other && p->pair[at].overwrites == overwrites) {
            return;
        }
    }
    if (p->pairs < RF_PAIRS / 4 * 3) {
        rf_pair pair = {.writer = writer, .other = other, .overwrites = overwrites, .there = 1};
        p->pair[at] = pair;
        p->pairs++;
    }
}

static uint32_t *list_of(rf_pairs_state *p, uint32_t object)
{
    return &p->lists[rf_mix(object) & (RF_WRITE_LISTS - 1)];
}

static int overlaps(const rf_write *write, const rf_event *event)
{
    return write->size == 0 || event->size == 0
           || ((uint64_t)write->offset < (uint64_t)event->offset + event->size
               && (uint64_t)event->offset < (uint64_t)write->offset + write->size);
}

static int covers(const rf_write *write, const rf_event *event)
{
    return write->size == 0
           || (event->size != 0 && write->offset <= event->offset
               && (uint64_t)write->offset + write->size >= (uint64_t)event->offset + event->size);
}

/* The current thread comes to what was written there, the latest first. */
static void meet(rf_pairs_state *p, const rf_event *event, uint64_t site, uint32_t overwrites)
{
    uint64_t own = (uint64_t)1 << (p->thread & 63u);
    uint32_t left = RF_WRITES_WALKED;
    for (uint32_t at = *list_of(p, event->object); at != 0 && left > 0; at = p->write[at - 1].before, left--) {
        rf_write *write = &p->write[at - 1];
        if (write->object != event->object || !overlaps(write, event)) {
            continue;
        }
        if (write->thread != p->thread && !(overwrites && (write->seen & own) != 0)) {
            note(p, write->site, site, overwrites);
        }
        if (!overwrites) {
            write->seen |= own;
        }
        if (covers(write, event)) {
            return;
        }
    }
}

/* The write of this very place, taken out of its list; or a new one; NULL: there is no room. */
static rf_write *taken(rf_pairs_state *p, const rf_event *event)
{
    uint32_t left = RF_WRITES_WALKED;
    for (uint32_t *link = list_of(p, event->object); *link != 0 && left > 0; link = &p->write[*link - 1].before, left--) {
        rf_write *write = &p->write[*link - 1];
        if (write->object == event->object && write->offset == event->offset && write->size == event->size) {
            *link = write->before;
            return write;
        }
    }
    return p->writes < RF_WRITES ? &p->write[p->writes++] : NULL;
}

static void change(rf_pairs_state *p, const rf_event *event, uint64_t site)
{
    uint32_t *list = list_of(p, event->object);
    rf_write *write = taken(p, event);
    if (write == NULL) {
        return;
    }
    write->site = site;
    write->seen = 0;
    write->object = event->object;
    write->offset = event->offset;
    write->size = event->size;
    write->thread = p->thread;
    write->before = *list;
    *list = (uint32_t)(write - p->write) + 1;
}

void rf_pairs_touch(rf_pairs_state *p, const rf_event *event)
{
    uint32_t kind = event->kind & 15u;
    uint64_t site = event->site != 0 ? event->site : p->site;
    /* What is unknown, and what no thread notices, meets nobody; what lies above is no memory: a clock, how far an end is. */
    if (event->object == RF_OBJECT_UNKNOWN || event->object > RF_OBJECT_LAST || (event->flags & RF_LOCAL) != 0 || kind == 0
        || kind == RF_SPAWN || kind == RF_OPAQUE || kind == RF_CRASH) {
        return;
    }
    if (kind != RF_WRITE && kind != RF_RESHAPE) {
        meet(p, event, site, 0);
    }
    if (kind != RF_READ && kind != RF_RESHAPE) { /* who adds a key has lost none of another */
        meet(p, event, site, 1);
    }
    if (kind != RF_READ) {
        change(p, event, site);
    }
}

void rf_pairs_step(rf_core *core, rf_pairs_state *p, const rf_choice *choice)
{
    const rf_slot *slot = rf_slot_of(core, choice->action == RF_FIRE ? choice->trigger : choice->thread);
    /* What is read and written is reported by its bytes; what is taken and given is announced, and done by this step. */
    const uint32_t announced = 1u << RF_ACQUIRE | 1u << RF_RELEASE | 1u << RF_WAIT | 1u << RF_SIGNAL | 1u << RF_JOIN;
    rf_event event = {.object = slot->object, .kind = slot->kind, .flags = slot->flags};
    p->site = slot->site;
    p->thread = choice->thread;
    if (choice->action == RF_STEP && (announced >> slot->kind & 1u) != 0) {
        rf_pairs_touch(p, &event);
    }
}
