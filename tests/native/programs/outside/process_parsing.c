/* libc writes into the program's memory: what it wrote is seen, and put back. Must exit with 0. */
#define _GNU_SOURCE
#include <assert.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *alone __attribute__((aligned(64))); /* in a line of its own: nothing else marks it */
static char *end __attribute__((aligned(64)));
static char *left, words[32] = "a,b;;c", more[32] = "x y", letters[8];
static int number, numbers[500], parsed[3];
static short small;
static long long wide;
static double fraction;

static int ascending(const void *one, const void *other)
{
    return *(const int *)one - *(const int *)other;
}

int main(int count, char **values)
{
    char word[] = "-vw", *cluster[] = {word, word, NULL};
    int option, seen = 0;
    assert(alone == NULL && strtol("1", &alone, 10) == 1 && *alone == 0);
    assert(end == NULL && number == 0 && numbers[0] == 0 && fraction == 0 && words[1] == ',' && optind == 1);
    assert(strtol("12x", &end, 10) == 12 && *end == 'x');
    assert(strtoul("ff", &end, 16) == 255 && *end == 0 && strtod("2.5z", &end) == 2.5 && *end == 'z');
    assert(strcmp(strtok(words, ",;"), "a") == 0 && strcmp(strtok(NULL, ",;"), "b") == 0);
    assert(strcmp(strtok(NULL, ",;"), "c") == 0 && strtok(NULL, ",;") == NULL);
    assert(strcmp(strtok_r(more, " ", &left), "x") == 0 && strcmp(strtok_r(NULL, " ", &left), "y") == 0);
    left = more;
    assert(strsep(&left, "x") == more && left == more + 1);

    assert(sscanf("7 -8 9000000000 1.25 key=abc", "%d %hd %lld %lf %*[a-z]=%3s", &number, &small, &wide, &fraction,
                  letters) == 5);
    assert(number == 7 && small == -8 && wide == 9000000000LL && fraction == 1.25 && strcmp(letters, "abc") == 0);
    assert(sscanf("1 2 x", "%d %d %d", &parsed[0], &parsed[1], &parsed[2]) == 2 && parsed[1] == 2 && parsed[2] == 0);

    for (int i = 0; i < 500; i++)
        numbers[i] = (i * 7919) % 500;
    qsort(numbers, 500, sizeof numbers[0], ascending);
    for (int i = 0; i < 500; i++)
        assert(numbers[i] == i);
    qsort(numbers, 20, sizeof numbers[0], ascending);

    while ((option = getopt(count, values, "vo:")) != -1) {
        seen += option == 'v';
        seen += option == 'o' && strcmp(optarg, "out") == 0 ? 10 : 0;
    }
    assert(seen == 11 && optind == 4 && strcmp(values[optind], "rest") == 0);
    optind = 0; /* anew; left in the middle of a word, which the next execution must not go on with */
    assert(getopt(2, cluster, "vw") == 'v');
    return 0;
}
