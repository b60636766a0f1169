/* Large pieces of memory that are given back when they are free, whatever else was taken in between.
 *
 * glibc raises the size from which it asks the kernel for a piece (M_MMAP_THRESHOLD) when such a piece is freed: pieces of 4 MB then
 * lie among small ones in its arenas, of which a scan of 4 GB kept 60 MB that nobody used.
 */
#ifndef RF_HEAP_H
#define RF_HEAP_H

/* From here on each piece of so many bytes is the kernel's, and goes back to it when it is freed. Which takes a page fault for each page of it
 * every time: for who would rather have the memory. Elsewhere than with glibc nothing is done. */
void rf_heap_apart_from(int bytes);
/* What is free now is the kernel's again, also among pieces that are used: between two parts of a work that need other pieces. */
void rf_heap_trim(void);

#endif
