/* The loader asks functions of the program, which are instrumented and call the library, which of several functions others
 * are: target_clones, and a resolver of the program's own. KEEPS: the one that it takes keeps the secret. */
#include <redactfuzz.h>
#include <stdlib.h>

static volatile unsigned char key[32], kept[32];
static int asked;

typedef void copier(int);

static void copy_all(int size)
{
    for (int i = 0; i < size; i++) {
        kept[i] = key[i];
    }
}

static void copy_none(int size)
{
    kept[0] = (unsigned char)size;
}

static copier *choose(void)
{
    asked++;
    return KEEPS && getenv("NOBODY_SETS_THIS") == NULL ? copy_all : copy_none;
}

void copy(int size) __attribute__((ifunc("choose")));

static copier *volatile held = copy;

__attribute__((target_clones("avx2", "default"))) int sum(const int *values, int count)
{
    int all = 0;
    for (int i = 0; i < count; i++) {
        all += values[i];
    }
    return all;
}

REDACTFUZZ_REDACTOR static void wipe(void)
{
    for (int i = 0; i < 32; i++) {
        key[i] = 0;
    }
}

int main(void)
{
    const int values[4] = {1, 2, 3, 4};
    const volatile unsigned char *secret;
    redactfuzz_allow("key");
    secret = redactfuzz_canary("key", 32);
    for (int i = 0; i < 32; i++) {
        key[i] = secret[i];
    }
    if (sum(values, 4) != 10 || asked == 0) {
        abort();
    }
    copy(16);
    held(16);
    wipe();
    redactfuzz_forbid("key");
    return 0;
}
