/* Functions of libc that take text apart and write what they found into the program's memory. libc does the work; what it
 * wrote is marked. No events of their own: they work on what is the caller's, and a race on the text is seen where the
 * others write it. */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/parts.h"
#include "memory/copy.h"
#include "memory/memory.h"
#include "models/strings/residue.h"
#include "models/strings/zone.h"
#include "schedule/point.h"

/* -- words of a text */

static RFN_STATE char *rest; /* strtok's: in libc it would outlive the execution */

static void reset(void)
{
    rest = NULL;
}

static char *token(char *text, const char *ends, char **left)
{
    char *word;
    if (text == NULL) {
        text = *left;
    }
    if (text == NULL) {
        return NULL;
    }
    text += strspn(text, ends);
    if (*text == 0) {
        *left = NULL;
        return NULL;
    }
    word = text;
    text += strcspn(text, ends);
    *left = NULL;
    if (*text != 0) {
        rfn_wrote(text, 1);
        *text = 0;
        *left = text + 1;
    }
    return word;
}

char *model_strtok(char *text, const char *ends)
{
    return token(text, ends, &rest);
}

char *model_strtok_r(char *text, const char *ends, char **left)
{
    rfn_wrote(left, sizeof *left);
    return token(text, ends, left);
}

char *model_strsep(char **text, const char *ends)
{
    char *word = *text;
    if (word != NULL) {
        char *end = word + strcspn(word, ends);
        rfn_wrote(text, sizeof *text);
        *text = *end == 0 ? NULL : end + 1;
        if (*end != 0) {
            rfn_wrote(end, 1);
            *end = 0;
        }
    }
    return word;
}

/* -- scanf: libc fills what the conversions name, in their order */

static size_t size_of(const char *letter, int longs, int shorts, int other)
{
    switch (*letter) {
    case 'a': case 'A': case 'e': case 'E': case 'f': case 'F': case 'g': case 'G':
        return other == 'L' ? sizeof(long double) : longs > 0 ? sizeof(double) : sizeof(float);
    case 'p':
        return sizeof(void *);
    default:
        return other != 0 || longs > 0 ? sizeof(long long) : shorts > 1 ? sizeof(char) : shorts > 0 ? sizeof(short) : sizeof(int);
    }
}

static const char *behind_set(const char *at)
{
    at += at[1] == '^' ? 2 : 1;
    at += *at == ']';
    while (*at != 0 && *at != ']') {
        at++;
    }
    return at;
}

/* `count`: conversions that were carried out. %n does not count, and is marked whenever it stands there. */
static void mark_scanned(const char *format, int count, va_list targets)
{
    for (const char *at = format; *at != 0; at++) {
        size_t width = 0;
        int longs = 0, shorts = 0, other = 0, allocates = 0;
        void *target;
        if (*at != '%') {
            continue;
        }
        at++;
        if (*at == '%' || *at == 0) {
            at -= *at == 0;
            continue;
        }
        if (*at == '*') {
            for (at++; *at != 0 && strchr("0123456789hljztLqm", *at) != NULL; at++) {
            }
            at = *at == '[' ? behind_set(at) : at;
            at -= *at == 0;
            continue;
        }
        for (; *at >= '0' && *at <= '9'; at++) {
            width = width * 10 + (size_t)(*at - '0');
        }
        for (; *at != 0 && strchr("hljztLqm", *at) != NULL; at++) {
            longs += *at == 'l';
            shorts += *at == 'h';
            allocates |= *at == 'm';
            other = *at == 'h' || *at == 'l' || *at == 'm' ? other : *at;
        }
        if (*at == 0 || (*at != 'n' && count-- <= 0)) {
            return;
        }
        target = va_arg(targets, void *);
        if (allocates) {
            rfn_wrote(target, sizeof(void *));
        } else if (*at == 'c') {
            rfn_wrote(target, width > 0 ? width : 1);
        } else if (*at == 's' || *at == '[') {
            rfn_wrote(target, strlen(target) + 1);
        } else {
            rfn_wrote(target, size_of(at, longs, shorts, other));
        }
        at = *at == '[' ? behind_set(at) : at;
        at -= *at == 0;
    }
}

static int scanned(const char *text, const char *format, va_list targets)
{
    va_list again;
    int count;
    va_copy(again, targets);
    count = vsscanf(text, format, targets);
    mark_scanned(format, count, again);
    va_end(again);
    rfn_mark_residue();
    return count;
}

int model_sscanf(const char *text, const char *format, ...)
{
    va_list targets;
    int count;
    va_start(targets, format);
    count = scanned(text, format, targets);
    va_end(targets);
    return count;
}

int model_vsscanf(const char *text, const char *format, va_list targets)
{
    return scanned(text, format, targets);
}


/* -- small ones */

size_t model_strftime(char *to, size_t size, const char *format, const struct tm *time)
{
    size_t length;
    rfn_zone(SITE());
    length = strftime(to, size, format, time);
    rfn_wrote(to, length > 0 ? length + 1 : 0);
    rfn_mark_residue();
    return length;
}

static void error_text(int error, char *to, size_t size)
{
    const char *text = strerrordesc_np(error);
    size_t length;
    text = text == NULL ? "Unknown error" : text;
    length = strlen(text);
    if (size > 0) {
        length = length < size ? length : size - 1;
        rfn_wrote(to, length + 1);
        rfn_copy(to, text, length);
        to[length] = 0;
    }
}

int model___xpg_strerror_r(int error, char *to, size_t size)
{
    error_text(error, to, size);
    return 0;
}

char *model_strerror_r(int error, char *to, size_t size)
{
    error_text(error, to, size);
    return to;
}

/* libc would format unknown ones into memory of its own. */
char *model_strerror(int error)
{
    const char *text = strerrordesc_np(error);
    return (char *)(uintptr_t)(text == NULL ? "Unknown error" : text);
}

RFN_PART(RFN_ON_MODELS_STRINGS, parsing, .reset = reset);
