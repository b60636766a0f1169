/* printf and its family. The text is made by libc's vsnprintf: into the program's memory where it belongs, and for a stream
 * or a descriptor into memory that no dump holds, from where it goes on through the stream's buffer. (glibc formats right
 * into that buffer. What its conversions need beside it lies on the stack, see residue.h.)
 *
 * Fractions are handed over in vector registers: this file must not be compiled with -mgeneral-regs-only. libc's own printf
 * uses those registers as well. */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "choices/event.h"
#include "memory/copy.h"
#include "memory/memory.h"
#include "memory/store.h"
#include "memory/touched.h"
#include "models/files/alone.h"
#include "models/files/descriptors.h"
#include "models/memory/heap.h"
#include "models/streams/formats.h"
#include "models/streams/streams.h"
#include "models/strings/residue.h"
#include "models/threads/sync.h"
#include "schedule/ending.h"
#include "schedule/parking.h"
#include "schedule/point.h"
#include "base/hidden.h"
#include "state/objects.h"
#include "state/outcome.h"

extern FILE *model_stdout, *model_stderr;

#define SCRATCH ((size_t)1 << 30) /* the longest text for a stream; touched as far as it is used */

/* libc has formatted. */
static void formats(void)
{
    rfn_touches_wait();
    rfn_mark_residue();
}

static rfn_fiber *tell(void *unused)
{
    (void)unused;
    rfn_reached(rfn_current);
    rfn_touches_told();
    return rfn_current;
}

/* And this is the result. */
static int told(int result)
{
    if (rfn_touches_waiting()) {
        rfn_leave(tell, NULL);
    }
    return result;
}

/* -- into memory */

static int into(char *to, size_t size, const char *format, va_list values, uintptr_t site)
{
    int length;
    if (size > 0) {
        rfn_at_told(RF_WRITE, to, 1, site); /* as far as it comes is told when it is there */
    } else {
        rfn_at_told(RF_READ, format, 1, site);
    }
    rfn_touched_values(format, values);
    length = vsnprintf(to, size, format, values);
    formats();
    if (length >= 0 && size > 0) {
        rfn_wrote(to, (size_t)length < size ? (size_t)length + 1 : size);
    }
    return told(length);
}

/* sprintf: how long it is comes out only when it is done. */
static int unlimited(char *to, const char *format, va_list values, uintptr_t site)
{
    int length;
    rfn_at_told(RF_WRITE, to, 1, site);
    rfn_touched_values(format, values);
    length = vsprintf(to, format, values);
    formats();
    if (length >= 0) {
        rfn_wrote(to, (size_t)length + 1);
    }
    return told(length);
}

static int checked(char *to, size_t size, size_t room, const char *format, va_list values, uintptr_t site)
{
    int length;
    if (size != SIZE_MAX && size > room) {
        rfn_bug(RFN_BUG_MISUSE, site, "snprintf writes up to %zu bytes into an object of %zu", size, room);
    }
    length = into(to, size < room ? size : room, format, values, site);
    if (size == SIZE_MAX && length >= 0 && (size_t)length >= room) {
        rfn_bug(RFN_BUG_MISUSE, site, "sprintf writes %d bytes into an object of %zu", length + 1, room);
    }
    return length;
}

static int allocated(char **out, const char *format, va_list values, uintptr_t site)
{
    va_list again;
    int length;
    char *text;
    do {
        rfn_at(RF_RMW, out, site);
    } while (rfn_heap_await(site)); /* the values stay as they are while it is measured, allocated and written */
    va_copy(again, values);
    length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    text = length < 0 ? NULL : rfn_allocate((size_t)length + 1, site);
    if (text == NULL) {
        return -1;
    }
    length = vsnprintf(text, (size_t)length + 1, format, values);
    formats();
    rfn_wrote(text, (size_t)length + 1);
    rfn_wrote(out, sizeof *out);
    *out = text;
    return told(length);
}

/* -- into streams and descriptors */

/* What is on its way there. Used between two points alone, so one for all threads is enough. */
static char *scratch;

static int formatted(const char *format, va_list values)
{
    int length;
    if (scratch == NULL) {
        scratch = rfn_hidden(SCRATCH);
    }
    length = vsnprintf(scratch, SCRATCH, format, values);
    formats();
    if (length >= 0 && (size_t)length >= SCRATCH) {
        errno = EOVERFLOW;
        return -1;
    }
    return length;
}

static int streamed(FILE *file, const char *format, va_list values, uintptr_t site)
{
    rfn_stream *stream;
    int length;
    rfn_cancellation_point(site);
    stream = rfn_stream_at_writing(file, rfn_stream_at, "fprintf", site);
    rfn_touched_values(format, values);
    length = formatted(format, values);
    return told(length >= 0 && rfn_stream_put(stream, scratch, (size_t)length, site) == (size_t)length ? length : -1);
}

static int to_descriptor(int fd, const char *format, va_list values, uintptr_t site)
{
    int length;
    rfn_cancellation_point(site);
    rfn_at_file(fd, site);
    rfn_touched_values(format, values);
    length = formatted(format, values);
    length = length <= 0 ? length : (int)rfn_fd_write(fd, scratch, (size_t)length, site);
    if (!rfn_is_file(fd)) { /* it may have waited */
        rfn_touched_all();
    }
    return told(length);
}

/* On stdout: the program may have laid another stream there. */
static int printed(const char *format, va_list values, uintptr_t site)
{
    rfn_touched(RF_READ, &model_stdout, sizeof model_stdout);
    return streamed(model_stdout, format, values, site);
}

/* -- what the program calls */

#define WITH_VALUES(last, call)                                                                                      \
    do {                                                                                                             \
        va_list values;                                                                                              \
        int length;                                                                                                  \
        va_start(values, last);                                                                                      \
        length = call;                                                                                               \
        va_end(values);                                                                                              \
        return length;                                                                                               \
    } while (0)

int model_snprintf(char *to, size_t size, const char *format, ...) { WITH_VALUES(format, into(to, size, format, values, SITE())); }
int model_vsnprintf(char *to, size_t size, const char *format, va_list values) { return into(to, size, format, values, SITE()); }
int model_sprintf(char *to, const char *format, ...) { WITH_VALUES(format, unlimited(to, format, values, SITE())); }
int model_vsprintf(char *to, const char *format, va_list values) { return unlimited(to, format, values, SITE()); }
int model_asprintf(char **out, const char *format, ...) { WITH_VALUES(format, allocated(out, format, values, SITE())); }
int model_vasprintf(char **out, const char *format, va_list values) { return allocated(out, format, values, SITE()); }

int model_printf(const char *format, ...) { WITH_VALUES(format, printed(format, values, SITE())); }
int model_vprintf(const char *format, va_list values) { return printed(format, values, SITE()); }
int model_fprintf(FILE *file, const char *format, ...) { WITH_VALUES(format, streamed(file, format, values, SITE())); }
int model_vfprintf(FILE *file, const char *format, va_list values) { return streamed(file, format, values, SITE()); }
int model_dprintf(int fd, const char *format, ...) { WITH_VALUES(format, to_descriptor(fd, format, values, SITE())); }
int model_vdprintf(int fd, const char *format, va_list values) { return to_descriptor(fd, format, values, SITE()); }

/* _FORTIFY_SOURCE; `flag` forbids %n in memory that can be written to, which is not looked at. */
int model___snprintf_chk(char *to, size_t size, int flag, size_t room, const char *format, ...)
{
    (void)flag;
    WITH_VALUES(format, checked(to, size, room, format, values, SITE()));
}
int model___vsnprintf_chk(char *to, size_t size, int flag, size_t room, const char *format, va_list values)
{
    (void)flag;
    return checked(to, size, room, format, values, SITE());
}
int model___sprintf_chk(char *to, int flag, size_t room, const char *format, ...)
{
    (void)flag;
    WITH_VALUES(format, checked(to, SIZE_MAX, room, format, values, SITE()));
}
int model___vsprintf_chk(char *to, int flag, size_t room, const char *format, va_list values)
{
    (void)flag;
    return checked(to, SIZE_MAX, room, format, values, SITE());
}
int model___asprintf_chk(char **out, int flag, const char *format, ...)
{
    (void)flag;
    WITH_VALUES(format, allocated(out, format, values, SITE()));
}
int model___vasprintf_chk(char **out, int flag, const char *format, va_list values)
{
    (void)flag;
    return allocated(out, format, values, SITE());
}
int model___printf_chk(int flag, const char *format, ...)
{
    (void)flag;
    WITH_VALUES(format, printed(format, values, SITE()));
}
int model___vprintf_chk(int flag, const char *format, va_list values)
{
    (void)flag;
    return printed(format, values, SITE());
}
int model___fprintf_chk(FILE *file, int flag, const char *format, ...)
{
    (void)flag;
    WITH_VALUES(format, streamed(file, format, values, SITE()));
}
int model___vfprintf_chk(FILE *file, int flag, const char *format, va_list values)
{
    (void)flag;
    return streamed(file, format, values, SITE());
}
int model___dprintf_chk(int fd, int flag, const char *format, ...)
{
    (void)flag;
    WITH_VALUES(format, to_descriptor(fd, format, values, SITE()));
}

/* -- syslog: the log is captured as a file of its own */

static rfn_file *log_file(void)
{
    for (uint32_t i = 0; i < rfn_file_count(); i++) {
        rfn_file *file = rfn_file_number(i);
        if (file->kind == RFN_OUTPUT && rfn_text_same(file->name, "syslog")) {
            return file;
        }
    }
    return rfn_file_new(RFN_OUTPUT, "syslog");
}

static int logged(const char *format, va_list values, uintptr_t site)
{
    rfn_file *file;
    int length;
    rfn_cancellation_point(site);
    rfn_at(RF_RMW, RFN_OBJECT(RFN_DIRECTORIES), site);
    length = formatted(format, values);
    file = length < 0 ? NULL : log_file();
    if (file != NULL) {
        rfn_file_put(file, scratch, (size_t)length, file->size);
        rfn_file_put(file, "\n", 1, file->size);
    }
    return told(length);
}

void model_syslog(int priority, const char *format, ...)
{
    va_list values;
    (void)priority;
    va_start(values, format);
    logged(format, values, SITE());
    va_end(values);
}

void model_vsyslog(int priority, const char *format, va_list values)
{
    (void)priority;
    logged(format, values, SITE());
}

/* "text: what errno means" on stderr. */
static int said(const char *format, ...)
{
    va_list values;
    int length;
    va_start(values, format);
    length = formatted(format, values);
    va_end(values);
    return length;
}

void model_perror(const char *text)
{
    rfn_stream *stream;
    int error = errno;
    int length;
    rfn_cancellation_point(SITE());
    rfn_touched(RF_READ, &model_stderr, sizeof model_stderr);
    stream = rfn_stream_at_writing(model_stderr, rfn_stream_at, "perror", SITE());
    if (text != NULL) {
        rfn_touched_name(text);
    }
    length = said("%s%s%s\n", text == NULL ? "" : text, text == NULL || *text == 0 ? "" : ": ", strerror(error));
    if (length > 0) {
        rfn_stream_put(stream, scratch, (size_t)length, SITE());
    }
    told(length);
    errno = error;
}
