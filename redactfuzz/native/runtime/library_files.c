/* Files of the C++ library's streams. It opens them with fopen and reads and writes by their descriptors; these calls are not
 * redirected, so they are found by their own names, as in libraries.c. A descriptor that it is given says whose it is: all that
 * are not files of the program go to the kernel, ours among them.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "fiber.h"
#include "memory.h"

enum { PROGRAMS = 1 << 20 /* more than a descriptor of the kernel's: added to the program's own */ };

FILE *model_fopen(const char *path, const char *mode);
int model_fclose(FILE *file);
int model_fileno(FILE *file);
ssize_t model_read(int fd, void *bytes, size_t size);
ssize_t model_write(int fd, const void *bytes, size_t size);
ssize_t model_writev(int fd, const struct iovec *parts, int count);
off_t model_lseek(int fd, off_t offset, int whence);

/* A FILE of the program lies in its heap, see streams.h. */
static int is_the_programs(const FILE *file)
{
    return (uintptr_t)file - RFN_HEAP < RFN_HEAP_SIZE;
}

/* Other libraries read files of their own, which are not the program's. */
static int called_by_the_cxx_library(const void *caller)
{
    Dl_info info;
    return dladdr(caller, &info) && info.dli_fname != NULL
           && (strstr(info.dli_fname, "libstdc++.so") != NULL || strstr(info.dli_fname, "libc++.so") != NULL);
}

FILE *fopen(const char *path, const char *mode)
{
    static FILE *(*real)(const char *, const char *);
    if (rfn_current != NULL && called_by_the_cxx_library(__builtin_return_address(0))) {
        return model_fopen(path, mode);
    }
    if (real == NULL) {
        *(void **)&real = dlsym(RTLD_NEXT, "fopen");
    }
    return real(path, mode);
}

FILE *fopen64(const char *path, const char *mode) __attribute__((alias("fopen")));

int fclose(FILE *file)
{
    static int (*real)(FILE *);
    if (is_the_programs(file)) {
        return model_fclose(file);
    }
    if (real == NULL) {
        *(void **)&real = dlsym(RTLD_NEXT, "fclose");
    }
    return real(file);
}

int fileno(FILE *file)
{
    static int (*real)(FILE *);
    if (is_the_programs(file)) {
        return PROGRAMS + model_fileno(file);
    }
    if (real == NULL) {
        *(void **)&real = dlsym(RTLD_NEXT, "fileno");
    }
    return real(file);
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
