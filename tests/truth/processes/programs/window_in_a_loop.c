/* A long loop, one pass of which publishes a record that holds the key, and takes it back at once; killed at any moment.
 * With -DRIGHT the record never holds it. With -DDEEP the loop is a recursion, and its innermost call does it.
 */
#include <string.h>

#include <redactfuzz.h>

#ifndef PASSES
#define PASSES 1000
#endif
#ifndef AT
#define AT (PASSES / 8 * 5 + 3)
#endif

extern unsigned passes;
unsigned passes = PASSES;

static struct record {
    unsigned number;
    unsigned char text[32];
} shown;

static void publish(void)
{
#ifndef RIGHT
    memcpy(shown.text, redactfuzz_canary("key", sizeof shown.text), sizeof shown.text);
#endif
    memset(shown.text, '*', sizeof shown.text);
}

__attribute__((noinline)) static unsigned down(unsigned left)
{
    volatile unsigned here = left;
    shown.number = left;
    if (left == 0) {
        publish();
        return 1;
    }
    return down(left - 1) + here;
}

int main(void)
{
#ifdef DEEP
    return down(passes) == 0;
#else
    (void)down;
    for (unsigned i = 0; i < passes; i++) {
        shown.number = i;
        if (i == AT) {
            publish();
        }
    }
    return 0;
#endif
}
