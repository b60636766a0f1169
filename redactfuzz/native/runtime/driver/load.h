/* The program: a shared object, its main, and where it lies. */
#ifndef RFN_LOAD_H
#define RFN_LOAD_H

#include <stdint.h>

extern uintptr_t rfn_base; /* of the program: sites are offsets from here */
extern uintptr_t rfn_limit;
extern int rfn_loading;    /* constructors of the program run: there are no executions yet */

/* 0: loaded. Else the loader's words are in `why`. */
int rfn_load(const char *path, char *why, unsigned size);
/* Calls main with the arguments of this execution, and exits with what it returns. */
_Noreturn void rfn_run_main(void);
/* __attribute__((destructor)): after the handlers of exit. */
void rfn_run_destructors(void);
/* They lie where the program may write them (RFN_START). */
void rfn_set_arguments(int count, char **values, char **variables);

/* The name of a place that does not change between processes: its offset in the program; 0 outside of it. */
static inline uint64_t rfn_site(uintptr_t address)
{
    return address - rfn_base < rfn_limit - rfn_base ? address - rfn_base : 0;
}

#endif
