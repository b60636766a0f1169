/* qsort: the program's own function compares, and threads may change in it. A merge sort with a copy beside it, as glibc's
 * is: a small copy lies on the stack, a larger one in the heap, and both keep what was sorted. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "choices/event.h"
#include "memory/copy.h"
#include "memory/memory.h"
#include "models/memory/heap.h"
#include "schedule/point.h"

enum { ON_STACK = 1024 /* bytes, as glibc has it */ };

typedef int comparison(const void *, const void *, void *);

typedef struct sort {
    size_t each;
    comparison *compare;
    void *context;
    uint8_t *beside;
} sort;

static void move(const sort *s, uint8_t *to, const uint8_t *from, size_t count)
{
    rfn_wrote(to, count * s->each);
    rfn_copy(to, from, count * s->each);
}

/* The two halves are sorted; the lower one waits beside them. */
static void merge(const sort *s, uint8_t *first, size_t lower, size_t all)
{
    const uint8_t *left = s->beside;
    const uint8_t *right = first + lower * s->each;
    size_t lefts = lower, rights = all - lower;
    move(s, s->beside, first, lower);
    for (uint8_t *out = first; lefts > 0; out += s->each) {
        if (rights > 0 && s->compare(left, right, s->context) > 0) {
            move(s, out, right, 1);
            right += s->each;
            rights--;
        } else {
            move(s, out, left, 1);
            left += s->each;
            lefts--;
        }
    }
}

static void sort_part(const sort *s, uint8_t *first, size_t count)
{
    size_t lower = count / 2;
    if (count < 2) {
        return;
    }
    sort_part(s, first, lower);
    sort_part(s, first + lower * s->each, count - lower);
    merge(s, first, lower, count);
}

static void sorted(void *first, size_t count, size_t each, comparison *compare, void *context, uintptr_t site)
{
    uint8_t small[ON_STACK];
    sort s = {each, compare, context, small};
    if (count < 2 || each == 0) {
        return;
    }
    rfn_at_bytes(RF_RMW, first, count * each, site);
    if (count * each > sizeof small) {
        s.beside = rfn_allocate(count * each, site);
        if (s.beside == NULL) {
            return;
        }
    }
    sort_part(&s, first, count);
    if (s.beside != small) {
        rfn_release(s.beside, site);
    }
}

static int without_context(const void *one, const void *other, void *compare)
{
    return ((int (*)(const void *, const void *))compare)(one, other);
}

void model_qsort(void *first, size_t count, size_t each, int (*compare)(const void *, const void *))
{
    sorted(first, count, each, without_context, (void *)compare, SITE());
}

void model_qsort_r(void *first, size_t count, size_t each, comparison *compare, void *context)
{
    sorted(first, count, each, compare, context, SITE());
}
