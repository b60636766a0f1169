#include "exposure/groups.h"

#include <stddef.h>

#include "base/hidden.h"
#include "base/parts.h"
#include "exposure/lines.h"
#include "exposure/seen.h"
#include "memory/alternate.h"
#include "memory/memory.h"
#include "memory/touched.h"
#include "processor/aside.h"
#include "schedule/fiber.h"
#include "state/matcher.h"
#include "state/run.h"

enum { GROUPS = RFN_TOUCHED_PHASE - RFN_TOUCHED_GROUPS, KEPT = 16 << 20 /* bytes of all of them */ };

typedef struct group {
    uintptr_t from, to;
    uint32_t kept; /* where its content at the point before lies */
} group;

static group groups[GROUPS];
static uint32_t count;
static uint32_t kept_size;
static uint8_t *kept;
static uint8_t full;
static uint8_t grown;
static uint8_t shown; /* a fragment that counts, in what has changed */
static rf_possible *possible;
static RFN_STATE uint8_t begun;   /* the point before was looked at, for changes, */
static RFN_STATE uint8_t learned; /* and for all that it shows */

void rfn_groups_begin(void)
{
    if (possible == NULL) {
        rfn_seen_begins();
        rfn_lines_begins();
        kept = rfn_hidden(KEPT);
        possible = rf_possible_init(rfn_hidden(rf_possible_size(rfn_matcher)), rfn_matcher);
    }
    rfn_lines_forget();
    begun = 0;
    learned = 0;
}

uint64_t rfn_groups_sum(void)
{
    uint64_t sum = (uint64_t)rfn_groups_full();
    for (uint32_t i = 0; i < count; i++) {
        uint64_t mixed = (groups[i].from ^ (uint64_t)(groups[i].to - groups[i].from) << 48) * UINT64_C(0x9fb21c651e98df25);
        sum += mixed ^ mixed >> 29;
    }
    return sum;
}

int rfn_groups_full(void) { return full || rfn_seen_full() || rfn_lines_full(); }

/* -- what they hold */

static const uint8_t *registers_at(uintptr_t at)
{
    const rfn_fiber *fiber = &rfn_fibers[(at - RFN_REGISTERS) / RFN_REGISTERS_SIZE];
    uintptr_t offset = (at - RFN_REGISTERS) % RFN_REGISTERS_SIZE;
    return offset < RFN_REGISTERS_VECTORS ? (const uint8_t *)rfn_kept_outside(fiber) + offset
                                          : (const uint8_t *)fiber->at.vectors + (offset - RFN_REGISTERS_VECTORS);
}

static uint32_t size_of_kept(const rfn_fiber *fiber)
{
    return fiber->outside != 0 ? RFN_KEPT_ASIDE * (uint32_t)sizeof *fiber->at.kept : (uint32_t)sizeof fiber->at.kept;
}

/* What no dump shows is not there. */
static uint8_t byte_at(uintptr_t at)
{
    const rfn_fiber *fiber;
    uintptr_t offset = (at - RFN_REGISTERS) % RFN_REGISTERS_SIZE;
    if (at < RFN_REGISTERS) {
        return *(const uint8_t *)at;
    }
    fiber = &rfn_fibers[(at - RFN_REGISTERS) / RFN_REGISTERS_SIZE];
    if (fiber->life != RFN_ALIVE || (offset < RFN_REGISTERS_VECTORS ? offset >= size_of_kept(fiber) : !rfn_keep_vectors)) {
        return 0;
    }
    return *registers_at(at);
}

static void note(uint8_t kind, uint32_t object)
{
    if (begun) {
        rfn_touched_object(kind, object);
    }
}

void rfn_groups_changed(void)
{
    int some = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint8_t *before = kept + groups[i].kept;
        int changed = 0;
        for (uintptr_t at = groups[i].from; at < groups[i].to; at++, before++) {
            uint8_t now = byte_at(at);
            changed |= now != *before;
            *before = now;
        }
        if (changed) {
            note(RF_WRITE, RFN_TOUCHED_GROUPS + i);
            some = 1;
        }
    }
    if (some) {
        note(RF_READ, RFN_TOUCHED_PHASE);
    }
    begun = 1;
}

/* -- which there are */

static void keep(group *g)
{
    if (kept_size + (g->to - g->from) > KEPT) {
        full = 1;
        g->to = g->from;
        return;
    }
    g->kept = kept_size;
    kept_size += (uint32_t)(g->to - g->from);
    for (uintptr_t at = g->from; at < g->to; at++) {
        kept[g->kept + (at - g->from)] = byte_at(at);
    }
}

/* What has bytes in common is one group. */
static void found(void *unused, uint64_t from, uint64_t to)
{
    group all = {from, to, 0};
    (void)unused;
    for (uint32_t i = 0; i < count; i++) {
        if (groups[i].from <= from && to <= groups[i].to) {
            return;
        }
    }
    for (uint32_t i = 0; i < count;) {
        if (groups[i].from < all.to && all.from < groups[i].to) {
            all.from = groups[i].from < all.from ? groups[i].from : all.from;
            all.to = groups[i].to > all.to ? groups[i].to : all.to;
            groups[i] = groups[--count];
            i = 0;
        } else {
            i++;
        }
    }
    full |= count == GROUPS;
    if (!full) {
        keep(&all);
        groups[count++] = all;
    }
    grown = 1;
}

static void look_at(uintptr_t at, uint64_t word)
{
    static const rf_asker asker = {.values = rfn_seen_values, .found = found};
    uint8_t fresh = rfn_seen(at, word);
    for (uint32_t n = 0; fresh != 0; n++, fresh >>= 1) {
        if (fresh & 1) {
            rfn_possible(possible, at + n, (uint8_t)(word >> 8 * n), &asker);
        }
    }
}

/* A fragment that has a byte in [first, last) may begin as far before as the longest form is long. */
static void search(const uint8_t *first, const uint8_t *last, const uint8_t *from, const uint8_t *to)
{
    uint32_t longest = rf_match_longest(rfn_matcher);
    rf_data data = {from, (uint64_t)(to - from), (uint64_t)(first - from), (uint64_t)(last - from)};
    rf_hit hit;
    data.from = data.from > longest ? data.from - longest : 0;
    shown |= rfn_scan(&data, &hit, 1) > 0;
}

static void visit(const uint8_t *first, const uint8_t *last, const uint8_t *from, const uint8_t *to, void *context)
{
    const uint8_t *changed = NULL; /* from here on */
    (void)context;
    for (; first < last; first += RFN_LINE) {
        const uint64_t *line = (const uint64_t *)(const void *)first;
        if (!rfn_line_changed(line)) {
            if (changed != NULL) {
                search(changed, first, from, to);
            }
            changed = NULL;
            continue;
        }
        changed = changed == NULL ? first : changed;
        for (uint32_t i = 0; i < RFN_LINE / sizeof *line; i++) {
            look_at((uintptr_t)first + i * sizeof *line, line[i]);
        }
    }
    if (changed != NULL) {
        search(changed, first, from, to);
    }
}

static void look_at_words(uintptr_t at, const uint64_t *words, uint32_t size)
{
    const uint8_t *bytes = (const uint8_t *)words;
    search(bytes, bytes + size, bytes, bytes + size);
    for (uint32_t i = 0; i < size / sizeof *words; i++) {
        look_at(at + i * sizeof *words, words[i]);
    }
}

static void look_at_registers(const rfn_fiber *fiber)
{
    uintptr_t at = RFN_REGISTERS + fiber->number * (uintptr_t)RFN_REGISTERS_SIZE;
    const uint64_t *own = rfn_kept_outside(fiber);
    const uint64_t *vectors = (const uint64_t *)(const void *)fiber->at.vectors;
    look_at_words(at, own, size_of_kept(fiber));
    /* The vectors of others are as they were, but the first time. */
    if (rfn_keep_vectors && (fiber == rfn_current || !learned)) {
        look_at_words(at + RFN_REGISTERS_VECTORS, vectors, RFN_VECTORS_SIZE);
    }
}

int rfn_groups_learn(int *shows)
{
    grown = 0;
    shown = 0;
    rfn_alternates_left();
    rfn_visible(visit, NULL);
    for (uint32_t i = 0; i < rfn_fiber_count; i++) {
        if (rfn_fibers[i].life == RFN_ALIVE) {
            look_at_registers(&rfn_fibers[i]);
        }
    }
    learned = 1;
    *shows = shown;
    return grown || rfn_groups_full();
}
