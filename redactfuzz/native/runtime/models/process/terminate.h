/* An exception that nobody catches. */
#ifndef RFN_TERMINATE_H
#define RFN_TERMINATE_H

#include <stdint.h>

enum { RFN_TYPE_NAME = 128, RFN_EXCEPTION_TEXT = 256 };

typedef struct rfn_exception_text {
    char type[RFN_TYPE_NAME];      /* mangled; empty: there was none */
    char text[RFN_EXCEPTION_TEXT]; /* what() of a std::exception, what is no ASCII aside: the program's own words */
} rfn_exception_text;

/* In memory that no dump shows, because the text may hold a secret. NULL: the program has no exceptions. */
extern rfn_exception_text *rfn_uncaught;

/* As libstdc++'s own handler: says on stderr what the current thread threw, and aborts. */
_Noreturn void rfn_terminates(uintptr_t site);

#endif
