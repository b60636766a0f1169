/* What libraries read from and write to the standard streams, std::cout above all: their calls are not redirected, so these are
 * found by their own names. It is searched as what the program prints itself is. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>

#include "fiber.h"
#include "memory.h"

extern FILE *model_stdin, *model_stdout, *model_stderr;
size_t model_fwrite(const void *bytes, size_t each, size_t count, FILE *file);
size_t model_fread(void *bytes, size_t each, size_t count, FILE *file);
int model_putc(int value, FILE *file);
int model_getc(FILE *file);
int model_ungetc(int value, FILE *file);
int model_fflush(FILE *file);

/* The stream of ours that stands for a real one; NULL: the real one is meant. */
static FILE *standing_for(FILE *file)
{
    if (rfn_current == NULL || file == NULL) {
        return NULL;
    }
    if ((uintptr_t)file - RFN_HEAP < RFN_HEAP_SIZE) {
        return file; /* of library_files.c */
    }
    return file == stdout ? model_stdout : file == stderr ? model_stderr : file == stdin ? model_stdin : NULL;
}

#define STANDARD(result, name, parameters, file, given, real_given)                                                 \
    result name parameters                                                                                          \
    {                                                                                                               \
        static result(*real) parameters;                                                                            \
        FILE *ours = standing_for(file);                                                                            \
        if (ours != NULL) {                                                                                         \
            return model_##name given;                                                                              \
        }                                                                                                           \
        if (real == NULL) {                                                                                         \
            *(void **)&real = dlsym(RTLD_NEXT, #name);                                                              \
        }                                                                                                           \
        return real real_given;                                                                                     \
    }

STANDARD(size_t, fwrite, (const void *bytes, size_t each, size_t count, FILE *file), file, (bytes, each, count, ours),
         (bytes, each, count, file))
STANDARD(size_t, fread, (void *bytes, size_t each, size_t count, FILE *file), file, (bytes, each, count, ours),
         (bytes, each, count, file))
STANDARD(int, putc, (int value, FILE *file), file, (value, ours), (value, file))
STANDARD(int, getc, (FILE * file), file, (ours), (file))
STANDARD(int, ungetc, (int value, FILE *file), file, (value, ours), (value, file))
STANDARD(int, fflush, (FILE * file), file, (ours), (file))
