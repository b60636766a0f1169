/* Where the memory of the program lies. What it holds and what is put back is for memory.h. */
#ifndef RFN_ADDRESSES_H
#define RFN_ADDRESSES_H

#include <stddef.h>
#include <stdint.h>

enum { RFN_LINE = 64, RFN_PAGE = 4096 };

#if defined(RFN_WINDOW)                                      /* said by the build: AddressSanitizer has its heap at the usual place */
#elif defined(__aarch64__)
#define RFN_WINDOW ((uintptr_t)0x1000000000)                 /* kernels give processes 39 bits of addresses, or more */
#else
#define RFN_WINDOW ((uintptr_t)0x600000000000)
#endif
#define RFN_SPAN ((uintptr_t)1 << 36)                        /* more than the window has; nothing else lies there */
#define RFN_HEAP RFN_WINDOW                                  /* malloc and friends */
#define RFN_HEAP_SIZE ((size_t)16 << 30)
#define RFN_MAPPINGS (RFN_HEAP + RFN_HEAP_SIZE)              /* mmap */
#define RFN_MAPPINGS_SIZE ((size_t)16 << 30)
#define RFN_START (RFN_MAPPINGS + RFN_MAPPINGS_SIZE)         /* arguments and environment, as the kernel lays them above the stack */
#define RFN_START_SIZE ((size_t)1 << 20)
#define RFN_LIBRARY (RFN_START + RFN_START_SIZE)             /* what libc keeps of the program's values, see library.h */
#define RFN_LIBRARY_SIZE ((size_t)32 << 20)
#define RFN_STACKS (RFN_LIBRARY + RFN_LIBRARY_SIZE)
#define RFN_STACK_SIZE ((size_t)8 << 20)                     /* of every thread but main, guard page included */
#define RFN_MAIN_STACK_SIZE ((size_t)8 << 20)

#endif
