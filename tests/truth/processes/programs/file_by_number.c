/* Opens and writes a file without the names of libc. */
#include <fcntl.h>
#include <redactfuzz.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static volatile unsigned char key[32];

REDACTFUZZ_REDACTOR void wipe(void)
{
    for (unsigned i = 0; i < sizeof key; i++)
        key[i] = 0;
}

int main(void)
{
    memcpy((void *)key, redactfuzz_canary("key", sizeof key), sizeof key);
    redactfuzz_allow("key");
    int file = (int)syscall(SYS_openat, AT_FDCWD, "kept", O_RDWR | O_CREAT | O_TRUNC, 0600);
    syscall(SYS_write, file, key, sizeof key);
    syscall(SYS_close, file);
    wipe();
    redactfuzz_forbid("key");
    return 0;
}
