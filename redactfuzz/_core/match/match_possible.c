#include "match/match_possible.h"

#include <string.h>

#include "match/match_index.h"

/* A byte of a form. */
typedef struct place {
    uint32_t form;
    uint32_t offset;
} place;

/* The bytes of all forms by their value: those of value v are place[starts[v]] to place[starts[v + 1]]. */
struct rf_possible {
    const rf_matcher *matcher;
    uint32_t starts[257];
    uint32_t reserved;
    place place[];
};

size_t rf_possible_size(const rf_matcher *m) { return sizeof(rf_possible) + sizeof(place) * m->used; }

rf_possible *rf_possible_init(void *block, const rf_matcher *m) {
    rf_possible *p = block;
    uint32_t next[256];
    memset(p->starts, 0, sizeof p->starts);
    p->matcher = m;
    for (uint32_t i = 0; i < m->used; i++) p->starts[m->arena[i] + 1u]++;
    for (uint32_t value = 0; value < 256; value++) {
        p->starts[value + 1] += p->starts[value];
        next[value] = p->starts[value];
    }
    for (uint32_t number = 0; number < m->form_count; number++) {
        const uint8_t *bytes = m->arena + m->forms[number].start;
        for (uint32_t offset = 0; offset < m->forms[number].length; offset++) {
            p->place[next[bytes[offset]]++] = (place){number, offset};
        }
    }
    return p;
}

static int has(const rf_values *values, uint8_t value) { return (int)(values->set[value >> 6] >> (value & 63u) & 1u); }

static int may_be(const rf_asker *asker, uint64_t address, uint8_t value) {
    rf_values values = {{0}};
    asker->values(asker->context, address, &values);
    return has(&values, value);
}

void rf_match_possible(const rf_possible *p, uint64_t address, uint8_t value, double threshold, const rf_asker *asker) {
    const rf_matcher *m = p->matcher;
    rf_values before = {{0}}, after = {{0}};
    asker->values(asker->context, address - 1, &before);
    asker->values(asker->context, address + 1, &after);
    for (uint32_t i = p->starts[value]; i < p->starts[value + 1u]; i++) {
        const form *f = &m->forms[p->place[i].form];
        const uint8_t *bytes = m->arena + f->start;
        uint32_t first = p->place[i].offset, last = first + 1;
        uint64_t from = address, to = address + 1;
        int back = first > 0 && has(&before, bytes[first - 1]), on = last < f->length && has(&after, bytes[last]);
        if (!back && !on) continue; /* nearly always */
        if (back) first--, from--;
        if (on) last++, to++;
        while (back && first > 0 && may_be(asker, from - 1, bytes[first - 1])) first--, from--;
        while (on && last < f->length && may_be(asker, to, bytes[last])) last++, to++;
        if (last - first >= WINDOW && rf_recovered(m, f, first, last) >= threshold) asker->found(asker->context, from, to);
    }
}
