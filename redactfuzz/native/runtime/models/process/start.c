/* Arguments and environment: the strings and the two tables that the kernel lays above the stack, and what getenv, setenv
 * do with them. setenv allocates and never frees, as glibc does; the old value stays where it lay. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>

#include "base/os.h"
#include "base/parts.h"
#include "choices/event.h"
#include "memory/copy.h"
#include "memory/environment.h"
#include "memory/given.h"
#include "memory/memory.h"
#include "models/memory/heap.h"
#include "models/process/process.h"
#include "processor/aside.h"
#include "schedule/above.h"
#include "schedule/point.h"
#include "state/objects.h"
#include "state/run.h"

/* Data of libc's that programs refer to by name. */
RFN_STATE char **model___environ;
RFN_STATE char *model_program_invocation_name;
RFN_STATE char *model_program_invocation_short_name;
RFN_STATE char *model___progname;

static RFN_STATE struct {
    char **variables; /* envp */
    char *name;       /* argv[0] */
    uint8_t changed;  /* environ is not envp any more: a table of ours, in the heap */
} start;

static struct {
    rfn_main *main;
    rfn_destructor *const *destructors;
    size_t destructor_count;
    int argument_count;
    char **arguments, **environment; /* they lie where the program may write them (RFN_START) */
} program;

void rfn_program_is(rfn_main *main, rfn_destructor *const *destructors, size_t count)
{
    program.main = main;
    program.destructors = destructors;
    program.destructor_count = count;
}

void rfn_run_destructors(void)
{
    for (size_t i = program.destructor_count; i > 0; i--) {
        rfn_call_program((void *)program.destructors[i - 1], NULL, NULL);
    }
}

static void leave(void *status)
{
    rfn_exit_process((int)(intptr_t)status, 0);
}

static void run_main(void)
{
    rfn_aside(leave, (void *)(intptr_t)program.main(program.argument_count, program.arguments, program.environment));
    __builtin_unreachable();
}

static char *lay_string(const char *text, uint8_t **at)
{
    size_t length = strlen(text);
    char *placed = (char *)*at;
    if (length + 1 > (size_t)(RFN_START + RFN_START_SIZE - (uintptr_t)*at)) {
        return NULL;
    }
    memcpy(placed, text, length + 1);
    *at += length + 1;
    return placed;
}

/* argc, argv, 0, envp, 0, an empty auxiliary vector, then the strings one behind the other. */
void rfn_start_area(int count, char **values, char **variables)
{
    char **table = (char **)(RFN_START + sizeof(char *));
    char **environment;
    size_t others = 0;
    uint8_t *at;
    while (variables[others] != NULL) {
        others++;
    }
    if (((size_t)count + others + 6) * sizeof(char *) > RFN_START_SIZE / 2) {
        rfn_internal("too many arguments or environment variables");
    }
    *(long *)RFN_START = count;
    environment = table + count + 1;
    at = (uint8_t *)(environment + others + 1 + 2);
    for (int i = 0; i < count; i++) {
        table[i] = lay_string(values[i], &at);
    }
    for (size_t i = 0, kept = 0; i < others; i++) {
        environment[kept] = lay_string(variables[i], &at);
        kept += environment[kept] != NULL;
    }
    rfn_start_is((uintptr_t)at);
    start.variables = environment;
    start.name = table[0];
    program.argument_count = count;
    program.arguments = table;
    program.environment = environment;
}

static void reset(void)
{
    const char *slash;
    start.changed = 0;
    model_environ = start.variables;
    model___environ = start.variables;
    model_program_invocation_name = start.name;
    slash = start.name == NULL ? NULL : strrchr(start.name, '/');
    model_program_invocation_short_name = slash == NULL ? start.name : (char *)(uintptr_t)slash + 1;
    model___progname = model_program_invocation_short_name;
}

static int loaded(void *handle)
{
    (void)handle;
    if (start.changed) {
        rfn_internal("a constructor of the program adds to the environment before main(): do it from main() on");
    }
    return 1;
}

/* -- the environment */

static void at_environment(uint8_t kind, uintptr_t site)
{
    rfn_at(kind, RFN_OBJECT(RFN_ENVIRONMENT), site);
}

static char *value_of(const char *name, uintptr_t site)
{
    size_t length = rfn_text_length(name);
    char **at;
    at_environment(RF_READ, site);
    at = rfn_variable(name, length);
    if (at == NULL) {
        return NULL;
    }
    rfn_reads((uintptr_t)(*at + length + 1), 1);
    return *at + length + 1;
}

char *model_getenv(const char *name) { return value_of(name, SITE()); }

/* A string takes the place of the one with its name, or is added. The first addition makes a table in the heap. */
static int put(char *text, size_t name, uintptr_t site)
{
    char **at = rfn_variable(text, name);
    size_t count = 0;
    char **table;
    if (at != NULL) {
        rfn_wrote(at, sizeof *at);
        *at = text;
        return 0;
    }
    while (model_environ != NULL && model_environ[count] != NULL) {
        count++;
    }
    table = start.changed ? rfn_reallocate(model_environ, (count + 2) * sizeof *table, site)
                          : rfn_allocate((count + 2) * sizeof *table, site);
    if (table == NULL) {
        return -1;
    }
    rfn_wrote(table, (count + 2) * sizeof *table);
    if (!start.changed && count > 0) {
        rfn_copy(table, model_environ, count * sizeof *table);
    }
    table[count] = text;
    table[count + 1] = NULL;
    start.changed = 1;
    model_environ = table;
    model___environ = table;
    return 0;
}

static int is_name(const char *name)
{
    size_t length = 0;
    if (name == NULL) {
        return 0;
    }
    while (name[length] != 0 && name[length] != '=') {
        length++;
    }
    return length > 0 && name[length] == 0;
}

int model_setenv(const char *name, const char *value, int replace)
{
    size_t length, size;
    char *text;
    if (!is_name(name)) {
        errno = EINVAL;
        return -1;
    }
    at_environment(RF_RMW, SITE());
    length = rfn_text_length(name);
    if (!replace && rfn_variable(name, length) != NULL) {
        return 0;
    }
    size = rfn_text_length(value) + 1;
    text = rfn_allocate(length + 1 + size, SITE());
    if (text == NULL) {
        return -1;
    }
    rfn_wrote(text, length + 1 + size);
    rfn_copy(text, name, length);
    text[length] = '=';
    rfn_copy(text + length + 1, value, size);
    return put(text, length, SITE());
}

static int removed(const char *name, uintptr_t site)
{
    char **at;
    at_environment(RF_RMW, site);
    while ((at = rfn_variable(name, rfn_text_length(name))) != NULL) {
        for (; *at != NULL; at++) { /* the string itself stays where it is */
            rfn_wrote(at, sizeof *at);
            at[0] = at[1];
        }
    }
    return 0;
}

int model_unsetenv(const char *name)
{
    if (!is_name(name)) {
        errno = EINVAL;
        return -1;
    }
    return removed(name, SITE());
}

int model_putenv(char *text)
{
    size_t name = 0;
    while (text[name] != 0 && text[name] != '=') {
        name++;
    }
    if (text[name] == 0) {
        return removed(text, SITE());
    }
    at_environment(RF_RMW, SITE());
    return put(text, name, SITE());
}

int model_clearenv(void)
{
    at_environment(RF_RMW, SITE());
    model_environ = NULL;
    model___environ = NULL;
    start.changed = 0;
    return 0;
}

static void begins(void) { rfn_above.run_main = run_main; }

RFN_PART(RFN_ON_MODELS_PROCESS, start, .begins = begins, .loaded = loaded, .reset = reset);
