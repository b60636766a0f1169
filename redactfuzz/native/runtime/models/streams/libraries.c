/* What libraries, that of C++ above all, read and write for the program: their calls are not redirected, so these are found by
 * their own names. The standard streams (std::cout) are the program's. So are the files of C++ streams, which the library opens
 * with fopen and then reads and writes by descriptor: one that it is given says whose it is, and all that are not files of the
 * program go to the kernel, the driver's own among them.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "memory/memory.h"
#include "schedule/fiber.h"

extern FILE *model_stdin, *model_stdout, *model_stderr;
size_t model_fwrite(const void *bytes, size_t each, size_t count, FILE *file);
size_t model_fread(void *bytes, size_t each, size_t count, FILE *file);
int model_putc(int value, FILE *file);
int model_getc(FILE *file);
int model_ungetc(int value, FILE *file);
int model_fflush(FILE *file);
FILE *model_fopen(const char *path, const char *mode);
int model_fclose(FILE *file);
int model_fileno(FILE *file);
ssize_t model_read(int fd, void *bytes, size_t size);
ssize_t model_write(int fd, const void *bytes, size_t size);
ssize_t model_writev(int fd, const struct iovec *parts, int count);
off_t model_lseek(int fd, off_t offset, int whence);

/* The next one of this name: libc's. */
#define REAL(name)                                                                                                  \
    static __typeof__(&name) real;                                                                                  \
    if (real == NULL) {                                                                                             \
        *(void **)&real = dlsym(RTLD_NEXT, #name);                                                                  \
    }

/* -- streams */

/* A FILE of the program lies in its heap, see streams.h. */
static int is_the_programs(const FILE *file)
{
    return (uintptr_t)file - RFN_HEAP < RFN_HEAP_SIZE;
}

/* The stream of ours that stands for a real one; NULL: the real one is meant. */
static FILE *standing_for(FILE *file)
{
    if (rfn_current == NULL || file == NULL) {
        return NULL;
    }
    if (is_the_programs(file)) {
        return file;
    }
    return file == stdout ? model_stdout : file == stderr ? model_stderr : file == stdin ? model_stdin : NULL;
}

#define STREAM(result, name, parameters, given, real_given)                                                          \
    result name parameters                                                                                          \
    {                                                                                                               \
        REAL(name)                                                                                                  \
        FILE *ours = standing_for(file);                                                                            \
        return ours != NULL ? model_##name given : real real_given;                                                 \
    }

STREAM(size_t, fwrite, (const void *bytes, size_t each, size_t count, FILE *file), (bytes, each, count, ours),
       (bytes, each, count, file))
STREAM(size_t, fread, (void *bytes, size_t each, size_t count, FILE *file), (bytes, each, count, ours),
       (bytes, each, count, file))
STREAM(int, putc, (int value, FILE *file), (value, ours), (value, file))
STREAM(int, getc, (FILE * file), (ours), (file))
STREAM(int, ungetc, (int value, FILE *file), (value, ours), (value, file))
STREAM(int, fflush, (FILE * file), (ours), (file))

/* -- files of C++ streams */

enum { PROGRAMS = 1 << 20 /* more than a descriptor of the kernel's: added to the program's own */ };

/* Other libraries read files of their own, which are not the program's. */
static int called_by_the_cxx_library(const void *caller)
{
    Dl_info info;
    return dladdr(caller, &info) && info.dli_fname != NULL
           && (strstr(info.dli_fname, "libstdc++.so") != NULL || strstr(info.dli_fname, "libc++.so") != NULL);
}

FILE *fopen(const char *path, const char *mode)
{
    REAL(fopen)
    int programs = rfn_current != NULL && called_by_the_cxx_library(__builtin_return_address(0));
    return programs ? model_fopen(path, mode) : real(path, mode);
}

FILE *fopen64(const char *path, const char *mode) __attribute__((alias("fopen")));

int fclose(FILE *file)
{
    REAL(fclose)
    return is_the_programs(file) ? model_fclose(file) : real(file);
}

int fileno(FILE *file)
{
    REAL(fileno)
    return is_the_programs(file) ? PROGRAMS + model_fileno(file) : real(file);
}

ssize_t read(int fd, void *bytes, size_t size)
{
    return fd >= PROGRAMS ? model_read(fd - PROGRAMS, bytes, size) : syscall(SYS_read, fd, bytes, size);
}

ssize_t write(int fd, const void *bytes, size_t size)
{
    return fd >= PROGRAMS ? model_write(fd - PROGRAMS, bytes, size) : syscall(SYS_write, fd, bytes, size);
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    return fd >= PROGRAMS ? model_writev(fd - PROGRAMS, parts, count) : syscall(SYS_writev, fd, parts, count);
}

off_t lseek(int fd, off_t offset, int whence)
{
    return fd >= PROGRAMS ? model_lseek(fd - PROGRAMS, offset, whence) : syscall(SYS_lseek, fd, offset, whence);
}

off_t lseek64(int fd, off_t offset, int whence) __attribute__((alias("lseek")));
