/* Calendar times, which libc writes into the program's memory. What time it is, is in clock.c. */
#define _GNU_SOURCE
#include <time.h>

#include "memory.h"

struct tm *model_gmtime_r(const time_t *time, struct tm *to)
{
    rfn_wrote(to, sizeof *to);
    return gmtime_r(time, to);
}

struct tm *model_localtime_r(const time_t *time, struct tm *to)
{
    rfn_wrote(to, sizeof *to);
    return localtime_r(time, to);
}

/* They put what is out of range in order. */
time_t model_mktime(struct tm *time)
{
    rfn_wrote(time, sizeof *time);
    return mktime(time);
}

time_t model_timegm(struct tm *time)
{
    rfn_wrote(time, sizeof *time);
    return timegm(time);
}

char *model_asctime_r(const struct tm *time, char *to)
{
    enum { ROOM = 26 }; /* POSIX */
    rfn_wrote(to, ROOM);
    return asctime_r(time, to);
}

char *model_ctime_r(const time_t *time, char *to)
{
    enum { ROOM = 26 };
    rfn_wrote(to, ROOM);
    return ctime_r(time, to);
}
