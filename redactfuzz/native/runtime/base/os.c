#include "base/os.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sysexits.h>
#include <unistd.h>

enum { LONGEST = 512 /* what is said of a fault */ };

ssize_t rfn_os_read(int file, void *bytes, size_t size)
{
    ssize_t got;
    do {
        got = syscall(SYS_read, file, bytes, size);
    } while (got < 0 && errno == EINTR);
    return got;
}

int rfn_os_write(int file, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    while (size > 0) {
        ssize_t done = syscall(SYS_write, file, at, size);
        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done <= 0) {
            return -1;
        }
        at += done;
        size -= (size_t)done;
    }
    return 0;
}

/* -- lines */

int rfn_os_open_lines(rfn_os_lines *lines, const char *path)
{
    lines->file = open(path, O_RDONLY | O_CLOEXEC);
    lines->used = lines->end = 0;
    return lines->file >= 0;
}

/* 0: the file has ended. */
static int fill(rfn_os_lines *lines)
{
    ssize_t got = rfn_os_read(lines->file, lines->bytes, sizeof lines->bytes);
    lines->used = 0;
    lines->end = got > 0 ? (size_t)got : 0;
    return got > 0;
}

int rfn_os_line(rfn_os_lines *lines, char *line, size_t size)
{
    size_t length = 0;
    int any = 0;
    while (lines->used < lines->end || fill(lines)) {
        char next = lines->bytes[lines->used++];
        any = 1;
        if (next == '\n') {
            break;
        }
        if (length + 1 < size) {
            line[length++] = next;
        }
    }
    line[length] = 0;
    return any;
}

void rfn_os_close_lines(rfn_os_lines *lines) { close(lines->file); }

/* -- faults of the driver */

_Noreturn void rfn_internal(const char *what, ...)
{
    static const char who[] = "redactfuzz driver: ";
    char words[LONGEST];
    va_list arguments;
    va_start(arguments, what);
    vsnprintf(words, sizeof words - 1, what, arguments);
    va_end(arguments);
    strcat(words, "\n");
    rfn_os_write(STDERR_FILENO, who, sizeof who - 1);
    rfn_os_write(STDERR_FILENO, words, strlen(words));
    _exit(EX_SOFTWARE);
}
