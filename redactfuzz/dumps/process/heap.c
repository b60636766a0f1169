#include "process/heap.h"

#include <stdlib.h>

#ifdef __GLIBC__
#include <malloc.h>

void rf_heap_apart_from(int bytes) { mallopt(M_MMAP_THRESHOLD, bytes); }
void rf_heap_trim(void) { malloc_trim(0); }
#else
void rf_heap_apart_from(int bytes) { (void)bytes; }
void rf_heap_trim(void) { }
#endif
