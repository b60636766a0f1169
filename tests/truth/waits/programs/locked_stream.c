/* One thread locks a stream while a line is not masked yet; the other one writes the line to the stream. WAY: by fwrite, which waits for
 * the lock (0), by fwrite_unlocked, which does not (1), with the lock, twice (2), where ftrylockfile gets it, and else it keeps the key
 * (3), by fwrite where callers are to lock (4), and by fwrite where the first one never lets go (5). */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>

#include "redactfuzz.h"

static volatile unsigned char key[32], line[32], kept[32];
static FILE *out;

/* Byte by byte, so that no vector register keeps it. */
static void copy(volatile unsigned char *to, const volatile unsigned char *from) {
    for (int i = 0; i < 32; i++) {
        to[i] = from[i];
    }
}

REDACTFUZZ_REDACTOR static void mask(volatile unsigned char *what) {
    for (int i = 0; i < 32; i++) {
        what[i] = '*';
    }
}

static void *masks(void *unused) {
    flockfile(out);
    copy(line, key);
    mask(line);
    fputs("masked\n", out);
#if WAY != 5
    funlockfile(out);
#endif
    return unused;
}

static void *writes(void *unused) {
    const void *bytes = (const void *)line;
#if WAY == 1
    fwrite_unlocked(bytes, 1, sizeof line, out);
#elif WAY == 2
    flockfile(out);
    if (ftrylockfile(out) != 0) {
        abort(); /* it has it */
    }
    fwrite(bytes, 1, sizeof line, out);
    funlockfile(out);
    fflush(out);
    funlockfile(out);
#elif WAY == 3
    if (ftrylockfile(out) != 0) {
        copy(kept, key);
        return unused;
    }
    mask(line);
    fwrite(bytes, 1, sizeof line, out);
    funlockfile(out);
#else
    fwrite(bytes, 1, sizeof line, out);
#endif
    return unused;
}

int main(void) {
    pthread_t threads[2];
    out = fopen("log", "w");
    if (out == NULL || __fsetlocking(out, FSETLOCKING_QUERY) != FSETLOCKING_INTERNAL) {
        abort();
    }
#if WAY == 4
    __fsetlocking(out, FSETLOCKING_BYCALLER);
#endif
    redactfuzz_allow("key");
    copy(key, redactfuzz_canary("key", sizeof key));
    pthread_create(&threads[0], NULL, masks, NULL);
    pthread_create(&threads[1], NULL, writes, NULL);
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    mask(key);
    fclose(out);
    redactfuzz_forbid("key");
    return 0;
}
