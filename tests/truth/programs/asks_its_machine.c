/* A program that asks who runs it, how many processors there are, for a terminal, or for the time of the processor. */
#include <unistd.h>
#include <x86intrin.h>

#include "wiped_key.h"

static volatile unsigned long answer;

int main(void)
{
    const unsigned char *secret = redactfuzz_canary("k", sizeof key);
    begins();
    copied(key, secret);
#ifdef ASKS
    answer = getuid() + (unsigned long)sysconf(_SC_NPROCESSORS_ONLN) + (unsigned long)isatty(1);
#endif
#ifdef COUNTS
    answer = __rdtsc() & 0;
#endif
    return 0;
}
