/* Mappings that are shared, or of files, divided as the kernel divides them: what is protected, locked or advised otherwise than
 * what lies beside it is an area of its own, and areas that are alike again are one. */
#ifndef RFN_AREAS_H
#define RFN_AREAS_H

#include <stddef.h>
#include <stdint.h>

#include "memory/store.h"

enum { RFN_AREAS = 256 };

typedef struct rfn_area {
    uintptr_t start;
    size_t size; /* in whole pages; 0: nothing lies there any more */
    size_t offset;
    rfn_file *file;  /* NULL: shared memory of nobody's */
    uint64_t sum;    /* of its content, while nothing was written to it: see filter.c */
    uint32_t made;   /* by which call: areas of two are never one */
    uint8_t shared;  /* what is written to it belongs to the file */
    uint8_t is_view; /* MAP_SHARED: it shows what the file holds */
    uint8_t private; /* for the kernel: MAP_PRIVATE, and MAP_SHARED of a file that was opened for reading alone */
    uint8_t protection;
    uint8_t advice;  /* MADV_NORMAL, MADV_RANDOM or MADV_SEQUENTIAL */
    uint8_t charged; /* private, and could be written to at some time: the kernel counts such memory, and keeps it apart */
    uint8_t written; /* private, and something in it was written to, or in what it is a part of */
} rfn_area;

extern rfn_area rfn_areas[RFN_AREAS];
extern uint32_t rfn_area_count;

/* Everything is forgotten. */
void rfn_areas_forget(void);
/* Where to keep one more; NULL: there are too many. */
rfn_area *rfn_area_new(void);
/* NULL: none. */
rfn_area *rfn_area_at(uintptr_t address);
/* Whether a file is mapped. */
int rfn_areas_of_files(void);

/* Tells of another shared mapping that has some of the same bytes, where one of both is written to: they should be one memory. */
void rfn_area_is_seen(const rfn_area *area);

/* The range is treated otherwise from now on than what lies beside it: before that, and after it. */
void rfn_areas_divide(uintptr_t start, size_t size);
void rfn_areas_join(uintptr_t start, size_t size);

/* mprotect: after it, within rfn_areas_divide and rfn_areas_join. */
void rfn_areas_protected(uintptr_t start, size_t size, int protection);
/* madvise, the same. */
void rfn_areas_advised(uintptr_t start, size_t size, int advice);
/* The kernel gives the process pages of its own where it may write, before it does: mlock, MAP_POPULATE, MADV_POPULATE_WRITE. */
void rfn_areas_populated(uintptr_t start, size_t size);

#endif
