/* Punycode, in which names of hosts have letters beyond ASCII (RFC 3492; behind `xn--`: RFC 5890). The letters of ASCII come first, as
 * they are, then where the others belong: that follows from the whole text, so what stands for a part of a longer text is not known. */
#include "match/match_forms.h"

enum {
    BASE = 36,
    T_MIN = 1,
    T_MAX = 26,
    SKEW = 38,
    DAMP = 700,
    BIAS = 72,
    FIRST = 128, /* section 5 */
    LONGEST = 1024, /* characters: the work is quadratic in them, and a label has 63 (RFC 1035 section 2.3.4) */
};

static void put_digit(rf_out *o, uint64_t digit) { rf_put(o, (unsigned)(digit < 26 ? 'a' + digit : '0' + digit - 26)); }

/* A number whose last digit is told by being small (section 3.3). */
static void put_number(rf_out *o, uint64_t number, uint32_t bias)
{
    for (uint32_t k = BASE;; k += BASE) {
        const uint32_t t = k <= bias ? T_MIN : k - bias > T_MAX ? T_MAX : k - bias;
        if (number < t)
            break;
        put_digit(o, t + (number - t) % (BASE - t));
        number = (number - t) / (BASE - t);
    }
    put_digit(o, number);
}

/* Section 6.1. */
static uint32_t adapted(uint64_t delta, uint32_t count, int first)
{
    uint32_t k = 0;
    delta /= first ? DAMP : 2;
    for (delta += delta / count; delta > (BASE - T_MIN) * T_MAX / 2; k += BASE)
        delta /= BASE - T_MIN;
    return k + (uint32_t)((BASE - T_MIN + 1) * delta / (delta + SKEW));
}

static uint32_t next_point(const rf_clear *s, uint32_t least)
{
    uint32_t next = UINT32_MAX;
    for (uint32_t i = 0; i < s->count; i++)
        if (s->points[i] >= least && s->points[i] < next)
            next = s->points[i];
    return next;
}

/* Section 6.3: the others in the order of their code points, each by how many steps it is away from the one before. */
static void others(rf_out *o, const rf_clear *s, uint32_t written)
{
    uint32_t bias = BIAS;
    uint64_t delta = 0;
    const uint32_t basic = written;
    for (uint32_t point = FIRST; written < s->count; point++, delta++) {
        const uint32_t next = next_point(s, point);
        delta += (uint64_t)(next - point) * (written + 1);
        point = next;
        for (uint32_t i = 0; i < s->count; i++) {
            delta += s->points[i] < point;
            if (s->points[i] != point)
                continue;
            o->unit = i;
            put_number(o, delta, bias);
            bias = adapted(delta, written + 1, written == basic);
            delta = 0;
            written++;
        }
    }
}

static void punycode(rf_out *o, const rf_clear *s, int folded)
{
    uint32_t basic = 0;
    for (uint32_t i = 0; i < s->count && s->count <= LONGEST; i++) {
        const uint32_t p = s->points[i];
        if (p >= FIRST)
            continue;
        o->unit = i;
        rf_put(o, folded && p >= 'A' && p <= 'Z' ? p + 32u : p);
        basic++;
    }
    if (basic == s->count || s->count > LONGEST)
        return;
    if (basic)
        rf_put(o, '-');
    others(o, s, basic);
}

void rf_punycode(rf_out *o, const rf_clear *s) { punycode(o, s, 0); }
/* As DNS compares it, and browsers write it. */
void rf_punycode_lower(rf_out *o, const rf_clear *s) { punycode(o, s, 1); }
