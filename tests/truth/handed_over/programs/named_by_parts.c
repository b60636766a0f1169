/* Files are called by parts of the key, changed in a way that no table has. RIGHT: by their numbers. */
#include <fcntl.h>
#include <redactfuzz.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { SIZE = 8, PART = 4 };
static volatile unsigned char key[SIZE];

REDACTFUZZ_REDACTOR static void wipe(void)
{
    for (int i = 0; i < SIZE; i++) key[i] = 0;
}

int main(void)
{
    redactfuzz_allow("key");
    const unsigned char *secret = redactfuzz_canary("key", SIZE);
    for (int i = 0; i < SIZE; i++) key[i] = secret[i];
    for (int i = 0; i < SIZE / PART; i++) {
        char name[64];
        sprintf(name, "/tmp/%d-%02x%02x%02x%02x", i, key[PART * i] ^ 0x5a, key[PART * i + 1] ^ 0x5a, key[PART * i + 2] ^ 0x5a,
                key[PART * i + 3] ^ 0x5a);
        if (RIGHT) sprintf(name, "/tmp/%d", i);
        int file = open(name, O_CREAT | O_WRONLY, 0600);
        if (i == 1 && write(file, "text", 4) != 4) return 1;
        close(file);
        memset(name, 0, sizeof name);
    }
    wipe();
    redactfuzz_forbid("key");
    return 0;
}
