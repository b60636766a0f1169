/* Objects of the library that have no memory in the program: addresses that stand for them at scheduling points.
 *
 * They lie in the first page of the heap and of the mappings, which nobody is given, so that they are the same in each
 * process. Objects are distinguished by eight bytes.
 */
#ifndef RFN_OBJECTS_H
#define RFN_OBJECTS_H

#include "base/addresses.h"

#define RFN_OBJECT_HEAP ((const void *)RFN_HEAP)
#define RFN_OBJECT(number) ((const void *)(RFN_MAPPINGS + 8 * (uintptr_t)(number)))

enum {
    RFN_ENVIRONMENT = 1,
    RFN_CHANCE,       /* the state behind rand() and others */
    RFN_PROCESS,      /* exit, its handlers, limits */
    RFN_ADDRESSES,    /* the map of the process: mmap and munmap */
    RFN_DIRECTORIES,  /* names of files */
    RFN_STREAM,       /* stdin, stdout, stderr: three */
    RFN_FIRST_FILE = 16,
    RFN_OBJECTS = RFN_PAGE / 8,
};

#endif
