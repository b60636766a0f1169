/* Functions of libc that only read: they are harmless, but what they read may be another thread's to change. So each is a
 * read of it, as the same loop in the program would be. libc does the work. */
#define _GNU_SOURCE
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "models/strings/bytes.h"
#include "schedule/point.h"

/* Where a text ends is only known when it was read: its first bytes stand for it. */
enum { TEXT = 1 };

#define READS(bytes, size) rfn_at_read((bytes), (size), SITE())

int model_memcmp(const void *one, const void *other, size_t size)
{
    READS(one, size);
    READS(other, size);
    return memcmp(one, other, size);
}

int model_bcmp(const void *one, const void *other, size_t size)
{
    READS(one, size);
    READS(other, size);
    return memcmp(one, other, size);
}

void *model_memchr(const void *bytes, int value, size_t size)
{
    READS(bytes, size);
    return (void *)(uintptr_t)memchr(bytes, value, size);
}

void *model_memrchr(const void *bytes, int value, size_t size)
{
    READS(bytes, size);
    return (void *)(uintptr_t)memrchr(bytes, value, size);
}

void *model_memmem(const void *bytes, size_t size, const void *wanted, size_t length)
{
    READS(bytes, size);
    READS(wanted, length);
    return memmem(bytes, size, wanted, length);
}

size_t model_strlen(const char *text)
{
    READS(text, TEXT);
    return strlen(text);
}

size_t model_strnlen(const char *text, size_t size)
{
    READS(text, TEXT);
    return strnlen(text, size);
}

int model_strcmp(const char *one, const char *other)
{
    READS(one, TEXT);
    READS(other, TEXT);
    return strcmp(one, other);
}

int model_strncmp(const char *one, const char *other, size_t size)
{
    READS(one, TEXT);
    READS(other, TEXT);
    return strncmp(one, other, size);
}

int model_strcasecmp(const char *one, const char *other)
{
    READS(one, TEXT);
    READS(other, TEXT);
    return strcasecmp(one, other);
}

int model_strncasecmp(const char *one, const char *other, size_t size)
{
    READS(one, TEXT);
    READS(other, TEXT);
    return strncasecmp(one, other, size);
}

char *model_strchr(const char *text, int value)
{
    READS(text, TEXT);
    return strchr(text, value);
}

char *model_strrchr(const char *text, int value)
{
    READS(text, TEXT);
    return strrchr(text, value);
}

char *model_strstr(const char *text, const char *wanted)
{
    READS(text, TEXT);
    READS(wanted, TEXT);
    return strstr(text, wanted);
}
