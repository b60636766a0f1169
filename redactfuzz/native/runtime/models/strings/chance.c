/* rand, random and their family, on a state beside the driver's: what glibc gives for the same seed, the same in each execution. */
#define _GNU_SOURCE
#include "models/strings/chance.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/auxv.h>

#include "base/parts.h"
#include "choices/event.h"
#include "memory/copy.h"
#include "memory/library.h"
#include "memory/memory.h"
#include "models/strings/fractions.h"
#include "schedule/point.h"
#include "state/objects.h"
#include "state/outcome.h"
#include "state/run.h"

enum { STATE = 128 }; /* bytes: glibc's default generator */

/* libc's own generators, where the seed of the program's is. */
typedef struct generators {
    struct random_data data;
    char state[STATE];
    struct drand48_data reals;
    uint8_t seeded;
} generators;

static RFN_STATE uint64_t drawn; /* words of the stream behind getrandom */
static RFN_STATE generators *shared; /* NULL: none was used in this execution */

static generators *in_use(void)
{
    if (shared == NULL) {
        shared = rfn_library(sizeof *shared);
    }
    rfn_wrote(shared, sizeof *shared);
    return shared;
}

/* splitmix64 */
static uint64_t word(uint64_t number)
{
    uint64_t mixed = number * UINT64_C(0x9e3779b97f4a7c15);
    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ (mixed >> 31);
}

/* Sixteen bytes that the kernel draws for each process (getauxval(3)). Libc has taken what it needs of them by now. */
static void draw_for_process(void)
{
    uint8_t *bytes = (uint8_t *)getauxval(AT_RANDOM); /* at any address */
    for (uint64_t i = 0; bytes != NULL && i < 2; i++) {
        uint64_t next = word(~(drawn + i));
        rfn_copy(bytes + sizeof next * i, &next, sizeof next);
    }
}

static void reset(void)
{
    drawn = (uint64_t)rfn.control_block->plan.chance << 32;
    shared = NULL;
    draw_for_process();
}

static void report_chance(void)
{
    rfn_problem(RFN_PROBLEM_CHANCE, 0,
                "random numbers are drawn, the same in each execution: what others would lead to was not tried");
}

void rfn_chance(void *bytes, size_t size)
{
    report_chance();
    rfn_wrote(bytes, size);
    for (size_t done = 0; done < size; done += sizeof(uint64_t)) {
        uint64_t next = word(++drawn);
        rfn_copy((uint8_t *)bytes + done, &next, size - done < sizeof next ? size - done : sizeof next);
    }
}

static void seed(unsigned number)
{
    generators *all = in_use();
    all->data = (struct random_data){0};
    initstate_r(number, all->state, sizeof all->state, &all->data);
    all->seeded = 1;
}

static int32_t next_of(uintptr_t site)
{
    int32_t number = 0;
    rfn_at(RF_RMW, RFN_OBJECT(RFN_CHANCE), site);
    if (!in_use()->seeded) {
        seed(1);
    }
    random_r(&shared->data, &number);
    return number;
}

int model_rand(void) { return next_of(SITE()); }
long model_random(void) { return next_of(SITE()); }

void model_srandom(unsigned number)
{
    rfn_at(RF_RMW, RFN_OBJECT(RFN_CHANCE), SITE());
    seed(number);
}

int model_rand_r(unsigned *number)
{
    rfn_at_bytes(RF_RMW, number, sizeof *number, SITE());
    rfn_wrote(number, sizeof *number);
    return rand_r(number);
}

uint32_t model_arc4random(void)
{
    rfn_at(RF_RMW, RFN_OBJECT(RFN_CHANCE), SITE());
    report_chance();
    return (uint32_t)word(++drawn);
}

uint32_t model_arc4random_uniform(uint32_t limit)
{
    rfn_at(RF_RMW, RFN_OBJECT(RFN_CHANCE), SITE());
    report_chance();
    return limit == 0 ? 0 : (uint32_t)(word(++drawn) % limit);
}

unsigned long model_getauxval(unsigned long what)
{
    if (what == AT_RANDOM) {
        report_chance();
    }
    return getauxval(what);
}

void model_arc4random_buf(void *bytes, size_t size)
{
    rfn_at(RF_RMW, RFN_OBJECT(RFN_CHANCE), SITE());
    rfn_chance(bytes, size);
}

/* -- the family of drand48; those that give a fraction are in fractions.c */

struct drand48_data *rfn_reals(uintptr_t site)
{
    rfn_at(RF_RMW, RFN_OBJECT(RFN_CHANCE), site);
    return &in_use()->reals;
}

void model_srand48(long number)
{
    srand48_r(number, rfn_reals(SITE()));
}

long model_lrand48(void)
{
    long number = 0;
    lrand48_r(rfn_reals(SITE()), &number);
    return number;
}

long model_mrand48(void)
{
    long number = 0;
    mrand48_r(rfn_reals(SITE()), &number);
    return number;
}

RFN_PART(RFN_ON_MODELS_STRINGS, chance, .reset = reset);
