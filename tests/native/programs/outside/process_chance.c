/* Random numbers are those of glibc for the same seed, and the same in each execution. Must exit with 0. */
#define _GNU_SOURCE
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

int main(void)
{
    unsigned seed = 1;
    unsigned char one[20], other[20];
    double fraction;
    assert(rand() == 1804289383 && rand() == 846930886); /* glibc, unseeded */
    srand(42);
    assert(rand() == 71876166);
    srandom(1);
    assert(random() == 1804289383);
    assert(rand_r(&seed) == 476707713 && seed != 1);
    srand48(1);
    fraction = drand48();
    assert(fraction > 0.0416 && fraction < 0.0417 && lrand48() == 976015093);
    assert(getrandom(one, 20, 0) == 20 && getentropy(other, 20) == 0 && memcmp(one, other, 20) != 0);
    assert(getentropy(other, 257) == -1);
    return rand() == rand();
}
