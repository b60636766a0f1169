/* getopt: libc's, on variables of our own, because libc keeps what it has seen. It sorts argv, which lies in the program. */
#define _GNU_SOURCE
#include <getopt.h>
#include <stddef.h>

#include "base/parts.h"
#include "memory/given.h"
#include "memory/memory.h"

RFN_STATE char *model_optarg;
RFN_STATE int model_optind = 1;
RFN_STATE int model_opterr = 1;
RFN_STATE int model_optopt = '?';

static RFN_STATE int used;

static void reset(void)
{
    model_optarg = NULL; /* the program may write them without a call */
    model_optind = 1;
    model_opterr = 1;
    model_optopt = '?';
    used = 0;
}

/* Without words of its own: they would go to the driver's stderr. */
static void before(int count, char *const *values)
{
    rfn_wrote(values, (size_t)count * sizeof *values);
    optind = used ? model_optind : model_optind == 1 ? 0 : model_optind; /* 0: libc begins anew */
    opterr = 0;
    used = 1;
}

static int after(int result)
{
    model_optind = optind;
    model_optarg = optarg;
    model_optopt = optopt;
    return result;
}

int model_getopt(int count, char *const *values, const char *letters)
{
    before(count, values);
    rfn_arguments_read();
    return after(getopt(count, values, letters));
}

int model_getopt_long(int count, char *const *values, const char *letters, const struct option *words, int *index)
{
    before(count, values);
    if (index != NULL) {
        rfn_wrote(index, sizeof *index);
    }
    rfn_arguments_read();
    return after(getopt_long(count, values, letters, words, index));
}

int model_getopt_long_only(int count, char *const *values, const char *letters, const struct option *words, int *index)
{
    before(count, values);
    if (index != NULL) {
        rfn_wrote(index, sizeof *index);
    }
    rfn_arguments_read();
    return after(getopt_long_only(count, values, letters, words, index));
}

RFN_PART(RFN_ON_MODELS_STRINGS, options, .reset = reset);
