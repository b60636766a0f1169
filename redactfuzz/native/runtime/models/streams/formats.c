/* Fractions are skipped by their type: this file must not be compiled with -mgeneral-regs-only, see printing.c. */
#include "models/streams/formats.h"

#include <stddef.h>
#include <stdint.h>

#include "memory/copy.h"
#include "memory/memory.h"
#include "memory/touched.h"

enum { NONE = -1 /* no precision */ };

/* A part of a format, from its % on. */
typedef struct conversion {
    int precision;
    char length; /* 'l', 'q' (of long long or long double), 'j', 'z', 't'; else 0: what is shorter is handed over as an int */
    char kind;
} conversion;

/* Digits, or a value in their place. */
static const char *number(const char *at, va_list *values, int *found)
{
    if (*at == '*') {
        *found = va_arg(*values, int);
        return at + 1;
    }
    for (*found = 0; *at >= '0' && *at <= '9'; at++) {
        *found = *found < INT16_MAX ? *found * 10 + (*at - '0') : *found;
    }
    return at;
}

static int is_flag(char letter)
{
    return letter == '-' || letter == '+' || letter == ' ' || letter == '#' || letter == '0' || letter == '\'';
}

static const char *length_of(const char *at, char *length)
{
    *length = 0;
    switch (*at) {
    case 'h':
        return at[1] == 'h' ? at + 2 : at + 1;
    case 'l':
        *length = at[1] == 'l' ? 'q' : 'l';
        return at[1] == 'l' ? at + 2 : at + 1;
    case 'q':
    case 'L':
        *length = 'q';
        return at + 1;
    case 'j':
    case 'z':
    case 't':
        *length = *at;
        return at + 1;
    default:
        return at;
    }
}

/* Gives what lies behind it. */
static const char *next(const char *at, conversion *found, va_list *values)
{
    int width;
    for (at++; is_flag(*at); at++) {
    }
    at = number(at, values, &width);
    found->precision = NONE;
    if (*at == '.') {
        at = number(at + 1, values, &found->precision);
    }
    at = length_of(at, &found->length);
    found->kind = *at;
    return *at == 0 ? at : at + 1;
}

static void pass_integer(char length, va_list *values)
{
    switch (length) {
    case 'l':
        (void)va_arg(*values, long);
        break;
    case 'q':
        (void)va_arg(*values, long long);
        break;
    case 'j':
        (void)va_arg(*values, intmax_t);
        break;
    case 'z':
        (void)va_arg(*values, size_t);
        break;
    case 't':
        (void)va_arg(*values, ptrdiff_t);
        break;
    default:
        (void)va_arg(*values, int);
        break;
    }
}

static void look_at_text(const char *text, int precision)
{
    if (text != NULL && precision < 0) {
        rfn_touched(RF_READ, text, rfn_text_length(text) + 1);
    } else if (text != NULL) {
        size_t limit = (size_t)precision, length = rfn_text_within(text, limit);
        rfn_touched(RF_READ, text, length < limit ? length + 1 : limit);
    }
}

/* 0: it is not known what that looks at, or where the next value is. */
static int look_at(const conversion *one, va_list *values)
{
    switch (one->kind) {
    case '%':
    case 'm':
        return 1;
    case 'd':
    case 'i':
    case 'o':
    case 'u':
    case 'x':
    case 'X':
        pass_integer(one->length, values);
        return 1;
    case 'c':
        (void)va_arg(*values, int);
        return one->length == 0;
    case 'p':
        (void)va_arg(*values, void *);
        return 1;
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G':
    case 'a':
    case 'A':
        if (one->length == 'q') {
            (void)va_arg(*values, long double);
        } else {
            (void)va_arg(*values, double);
        }
        return 1;
    case 's':
        look_at_text(va_arg(*values, const char *), one->precision);
        return one->length == 0;
    default:
        return 0;
    }
}

static int look_at_all(const char *at, va_list *values)
{
    while (*at != 0) {
        conversion one;
        if (*at != '%') {
            at++;
            continue;
        }
        at = next(at, &one, values);
        if (!look_at(&one, values)) {
            return 0;
        }
    }
    return 1;
}

void rfn_touched_values(const char *format, va_list values)
{
    va_list again;
    if (!rfn.touches || format == NULL) {
        return;
    }
    rfn_touched(RF_READ, format, rfn_text_length(format) + 1);
#if defined(__x86_64__)
    /* It is an array there, which lies where the caller has it. What it leads to was there when that function was called. */
    rfn_touched(RF_WRITE, values, sizeof(va_list));
#endif
    va_copy(again, values);
    if (!look_at_all(format, &again)) {
        rfn_touched_all();
    }
    va_end(again);
}
