/* A wipe of 64 bytes that the crash interrupts (crash "kill"). The secret must be seen whole
 * and, in the finest granularity alone, in part. */
#include <redactfuzz.h>
#include <stdlib.h>
#include <string.h>

enum { SIZE = 64 };

int main(void)
{
    char *key = malloc(SIZE);
    memcpy(key, redactfuzz_canary("key", SIZE), SIZE);
    memset(key, 0, SIZE);
    return 0;
}
