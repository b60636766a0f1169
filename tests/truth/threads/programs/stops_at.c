/* A handler wipes the key: as long as it is, or up to what ends a text. */
#define OWN_REDACTOR
#include "../../wiped_key.h"

REDACTFUZZ_REDACTOR static void redact(void)
{
#if defined(BY_LENGTH)
    explicit_bzero(key, sizeof key);
#elif defined(BY_BYTE)
    for (unsigned i = 0; i < sizeof key && key[i] != BY_BYTE; i++)
        key[i] = 0x55;
#else
    explicit_bzero(key, strnlen((const char *)key, sizeof key));
#endif
}

int main(void)
{
    const unsigned char *secret = redactfuzz_canary("the key", sizeof key);
    begins();
    copied(key, secret);
    return 0;
}
