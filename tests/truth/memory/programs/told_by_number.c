/* The program hands numbers out of its key to calls that are not carried out, or refused. */
#include <unistd.h>

#include "../../wiped_key.h"

static volatile int steps;

int main(void)
{
    begins();
    redactfuzz_allow("k");
    copied(key, redactfuzz_canary("k", sizeof key));
#if defined(CALL)
    long words[4];
    copied((unsigned char *)words, key);
    syscall(words[0], 0, 0, 0);
    explicit_bzero(words, sizeof words);
#elif defined(OPTION)
    long words[4];
    copied((unsigned char *)words, key);
    prctl((int)words[1], 0, 0, 0, 0);
    explicit_bzero(words, sizeof words);
#endif
    redactfuzz_forbid("k");
    steps = steps + 1;
    redact();
    return 0;
}
