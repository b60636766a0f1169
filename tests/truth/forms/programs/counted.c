/* How often each value came at each place of a key is counted, and stays (CLEARS 0) or is cleared. */
#include <redactfuzz.h>
#include <string.h>

enum { KEY = 16 };

static volatile unsigned char key[KEY];
static volatile unsigned counts[KEY][256];

REDACTFUZZ_REDACTOR static void redact(void) { explicit_bzero((void *)key, sizeof key); }

int main(void)
{
    redactfuzz_allow("key");
    const unsigned char *given = redactfuzz_canary("key", KEY);
    for (int i = 0; i < KEY; i++) key[i] = given[i];
    for (int i = 0; i < KEY; i++) counts[i][key[i]]++;
#if CLEARS
    for (int i = 0; i < KEY; i++) counts[i][key[i]] = 0;
#endif
    redact();
    redactfuzz_forbid("key");
    return 0;
}
