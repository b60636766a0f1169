/* The key is in a mask register of AVX-512. RIGHT: it was. */
#include <redactfuzz.h>
#include <stdint.h>
#include <unistd.h>

static volatile uint64_t key;

REDACTFUZZ_REDACTOR static void wipe(void) { key = 0; }

__attribute__((noinline)) static void load(void)
{
    key = *(const uint64_t *)redactfuzz_canary("key", sizeof key);
}

__attribute__((noinline)) static void hold(void)
{
    uint64_t value = key;
    __asm__ volatile("kmovq %0, %%k5" : : "r"(value));
    if (RIGHT) __asm__ volatile("kxorq %k5, %k5, %k5");
    value = 0;
    __asm__ volatile("" : "+r"(value));
}

int main(void)
{
    redactfuzz_allow("key");
    load();
    hold();
    wipe();
    redactfuzz_forbid("key");
    pause();
    return 0;
}
