/* The time zone that libc goes by. */
#ifndef RFN_ZONE_H
#define RFN_ZONE_H

#include <stdint.h>

/* It looks at the program's TZ, and keeps a copy where that has changed. */
void rfn_zone(uintptr_t site);

#endif
