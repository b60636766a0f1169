/* Models that give a fraction, which is returned in a vector register: not to be compiled with -mgeneral-regs-only. */
#define _GNU_SOURCE
#include "models/strings/fractions.h"

#include <stdlib.h>

#include "memory/memory.h"
#include "schedule/point.h"

double model_drand48(void)
{
    double number = 0;
    drand48_r(rfn_reals(SITE()), &number);
    return number;
}

double model_erand48(unsigned short *seed)
{
    double number = 0;
    struct drand48_data *state = rfn_reals(SITE());
    rfn_wrote(seed, 3 * sizeof *seed);
    erand48_r(seed, state, &number);
    return number;
}

static void ended(char **end)
{
    if (end != NULL) {
        rfn_wrote(end, sizeof *end);
    }
}

double model_strtod(const char *text, char **end) { ended(end); return strtod(text, end); }
float model_strtof(const char *text, char **end) { ended(end); return strtof(text, end); }
long double model_strtold(const char *text, char **end) { ended(end); return strtold(text, end); }

/* Both parts of a fraction; the other one goes where the program says. */
double frexp(double, int *);
double modf(double, double *);
double model_frexp(double value, int *exponent) { rfn_wrote(exponent, sizeof *exponent); return frexp(value, exponent); }
double model_modf(double value, double *whole) { rfn_wrote(whole, sizeof *whole); return modf(value, whole); }
