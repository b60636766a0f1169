/* Something on disk is called by the key, in hex; CLEAN: by its length. */
#include <fcntl.h>
#include <redactfuzz.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define A_FILE 0
#define A_FOLDER 1
#define RENAMED 2  /* it was called so for a moment: right */

enum { SIZE = 32 };
static volatile unsigned char key[SIZE];
static volatile char name[16 + 2 * SIZE];

REDACTFUZZ_REDACTOR static void wipe(void)
{
    for (int i = 0; i < SIZE; i++) key[i] = 0;
    for (unsigned i = 0; i < sizeof name; i++) name[i] = 0;
}

int main(void)
{
    static const char digits[] = "0123456789abcdef";
    redactfuzz_allow("key");
    const unsigned char *secret = redactfuzz_canary("key", SIZE);
    for (int i = 0; i < SIZE; i++) key[i] = secret[i];
    name[0] = '/', name[1] = 't', name[2] = 'm', name[3] = 'p', name[4] = '/', name[5] = 'k';
    for (int i = 0; i < SIZE; i++) {
        name[6 + 2 * i] = CLEAN ? 'x' : digits[key[i] >> 4];
        name[7 + 2 * i] = CLEAN ? 'x' : digits[key[i] & 15];
    }
#if WHAT == A_FOLDER
    if (mkdir((const char *)name, 0700) != 0) abort();
#else
    int file = open((const char *)name, O_WRONLY | O_CREAT, 0600);
    if (write(file, "x", 1) != 1 || close(file) != 0) abort();
#endif
#if WHAT == RENAMED
    if (rename((const char *)name, "/tmp/plain") != 0) abort();
#endif
    wipe();
    redactfuzz_forbid("key");
    return 0;
}
