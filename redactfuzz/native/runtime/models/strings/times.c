/* Calendar times, which libc writes into the program's memory or its own, and the time zone that it goes by: it keeps a copy of what
 * the program's TZ was. What time it is, is in clock.c. */
#define _GNU_SOURCE
#include "models/strings/zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/hidden.h"
#include "base/parts.h"
#include "memory/copy.h"
#include "memory/environment.h"
#include "memory/library.h"
#include "memory/memory.h"
#include "models/memory/heap.h"
#include "schedule/point.h"

enum {
    LONGEST = 4096, /* of a zone's name that the driver's own libc is given */
    ROOM = 26,      /* of a time as text: POSIX */
};

/* What gmtime, localtime, asctime and ctime give. */
typedef struct times {
    struct tm time;
    char text[114]; /* glibc's */
} times;

static RFN_STATE times *shared; /* NULL: none was given in this execution */
static RFN_STATE char *copy;    /* of TZ, in the program's heap; NULL: it is what it was at the start */
static char *zone;    /* "TZ=...", of the driver */
static char *at_start;
static RFN_STATE uint8_t settled, changed;

/* -- the zone */

/* The driver's libc, which calculates, goes by this from now on. */
static void use_zone(const char *value)
{
    if (zone == NULL) {
        zone = rfn_hidden(LONGEST);
    }
    if (value == NULL) {
        unsetenv("TZ");
    } else {
        snprintf(zone, LONGEST, "TZ=%s", value);
        putenv(zone);
    }
    tzset();
}

static void reset(void)
{
    if (changed) {
        use_zone(at_start);
    }
    shared = NULL;
    copy = NULL;
    settled = 0;
    changed = 0;
}

static int same(const char *one, const char *other)
{
    return one == NULL || other == NULL ? one == other : strcmp(one, other) == 0;
}

void rfn_zone(uintptr_t site)
{
    const char *value = rfn_environment("TZ");
    size_t size;
    if (at_start == NULL && !changed && getenv("TZ") != NULL) {
        at_start = strdup(getenv("TZ"));
    }
    settled = 1;
    if (same(value, changed ? copy : at_start)) {
        return;
    }
    rfn_release(copy, site);
    copy = NULL;
    changed = 1;
    if (value != NULL) {
        size = rfn_text_length(value) + 1;
        copy = rfn_allocate(size, site);
        if (copy != NULL) {
            rfn_wrote(copy, size);
            rfn_copy(copy, value, size);
        }
    }
    use_zone(copy);
}

void model_tzset(void) { rfn_zone(SITE()); }

/* -- times */

static times *in_use(void)
{
    if (shared == NULL) {
        shared = rfn_library(sizeof *shared);
    }
    rfn_wrote(shared, sizeof *shared);
    return shared;
}

static struct tm *local(const time_t *time, struct tm *to, uintptr_t site)
{
    if (!settled || to == &shared->time) { /* localtime_r looks at TZ once, as in glibc */
        rfn_zone(site);
    }
    rfn_wrote(to, sizeof *to);
    return localtime_r(time, to);
}

struct tm *model_gmtime(const time_t *time) { return gmtime_r(time, &in_use()->time); }
struct tm *model_localtime(const time_t *time) { return local(time, &in_use()->time, SITE()); }
struct tm *model_localtime_r(const time_t *time, struct tm *to) { return local(time, to, SITE()); }

/* They put what is out of range in order. */
time_t model_mktime(struct tm *time)
{
    rfn_zone(SITE());
    rfn_wrote(time, sizeof *time);
    return mktime(time);
}


char *model_asctime(const struct tm *time) { return asctime_r(time, in_use()->text); }

char *model_ctime(const time_t *time)
{
    times *all = in_use();
    return local(time, &all->time, SITE()) == NULL ? NULL : asctime_r(&all->time, all->text);
}

char *model_ctime_r(const time_t *time, char *to)
{
    struct tm at;
    rfn_wrote(to, ROOM);
    return local(time, &at, SITE()) == NULL ? NULL : asctime_r(&at, to);
}

RFN_PART(RFN_ON_MODELS_STRINGS, times, .reset = reset);
