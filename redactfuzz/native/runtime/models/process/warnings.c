/* <err.h> and <error.h>: what ends the process with a word on stderr, or only says it. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void model_exit(int status) __attribute__((noreturn));
extern char *model_program_invocation_short_name; /* the program's, in start.c */
int model_dprintf(int fd, const char *format, ...);
int model_vdprintf(int fd, const char *format, va_list values);

static void say(const char *format, va_list values, int error)
{
    model_dprintf(STDERR_FILENO, "%s: ", model_program_invocation_short_name);
    if (format != NULL) {
        model_vdprintf(STDERR_FILENO, format, values);
    }
    model_dprintf(STDERR_FILENO, "%s%s\n", error && format != NULL ? ": " : "", error ? strerror(error) : "");
}

#define SAYS(name, error)                                                                                           \
    void model_v##name(const char *format, va_list values) { say(format, values, error); }                          \
    void model_##name(const char *format, ...)                                                                      \
    {                                                                                                               \
        va_list values;                                                                                             \
        va_start(values, format);                                                                                   \
        say(format, values, error);                                                                                 \
        va_end(values);                                                                                             \
    }

#define ENDS(name, error)                                                                                           \
    void model_v##name(int status, const char *format, va_list values)                                              \
    {                                                                                                               \
        say(format, values, error);                                                                                 \
        model_exit(status);                                                                                         \
    }                                                                                                               \
    void model_##name(int status, const char *format, ...)                                                          \
    {                                                                                                               \
        va_list values;                                                                                             \
        va_start(values, format);                                                                                   \
        say(format, values, error);                                                                                 \
        va_end(values);                                                                                             \
        model_exit(status);                                                                                         \
    }

SAYS(warn, errno)
SAYS(warnx, 0)
ENDS(err, errno)
ENDS(errx, 0)

void model_error(int status, int error, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    say(format, values, error);
    va_end(values);
    if (status != 0) {
        model_exit(status);
    }
}
