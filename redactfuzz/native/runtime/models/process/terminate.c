/* What nobody catches, as libstdc++ keeps it: __cxa_get_globals() leads to the header of the exception, behind which lies what
 * was thrown. Whether that is a std::exception is asked as a catch clause asks it, std::type_info::__do_catch.
 */
#include "models/process/terminate.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>
#include <unwind.h>

#include "base/hidden.h"
#include "base/parts.h"
#include "choices/event.h"
#include "models/files/descriptors.h"
#include "models/process/process.h"
#include "models/threads/sync.h"
#include "schedule/fiber.h"
#include "schedule/point.h"
#include "state/control.h"

/* std::type_info; the virtual functions of one that stands in a catch clause. */
typedef struct type_info {
    void *const *functions;
    const char *name;
} type_info;

typedef _Bool catches(const type_info *clause, const type_info *thrown, const void **object, unsigned outer);
typedef const char *says(const void *object);

enum { DO_CATCH = 4, WHAT = 2 };

/* __cxa_exception */
typedef struct header {
    const void *what; /* std::type_info; of an exception that was rethrown from an exception_ptr the object itself */
    void (*functions[3])(void);
    struct header *next;
    int counts[2];
    void *places[4];
    struct _Unwind_Exception unwind;
} header;

#define GNU_CXX UINT64_C(0x474e5543432b2b00) /* "GNUCC++\0"; the last byte is 1 where it was rethrown */

rfn_exception_text *rfn_uncaught;
static const type_info *standard; /* std::exception */

/* After cxx.c, which finds rfn_exceptions. */
static int loaded(void *handle)
{
    standard = dlsym(handle, "_ZTISt9exception");
    if (rfn_exceptions != NULL && rfn_uncaught == NULL) {
        rfn_uncaught = rfn_hidden(sizeof *rfn_uncaught);
    }
    return rfn_uncaught != NULL;
}

static void reset(void)
{
    if (rfn_uncaught != NULL) {
        rfn_uncaught->type[0] = rfn_uncaught->text[0] = 0;
    }
}

static const header *current(const void **object)
{
    const header *found = rfn_exceptions == NULL ? NULL : rfn_exceptions[0];
    if (found == NULL || (found->unwind.exception_class & ~UINT64_C(1)) != GNU_CXX) {
        return NULL;
    }
    if (found->unwind.exception_class & 1) {
        found = (const header *)found->what - 1;
    }
    *object = found + 1;
    return found;
}

static void say(const char *text, uintptr_t site)
{
    rfn_fd_write(STDERR_FILENO, text, strlen(text), site);
}

static void keep(char *into, size_t size, const char *text)
{
    size_t i = 0;
    for (; i + 1 < size && text[i] != 0; i++) {
        into[i] = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
    }
    into[i] = 0;
}

/* Its words go to stderr as they are, and to us. */
static void describe_thrown(const header *thrown, const void *object, uintptr_t site)
{
    const type_info *type = thrown->what;
    const char *name = type->name + (type->name[0] == '*');
    keep(rfn_uncaught->type, sizeof rfn_uncaught->type, name);
    say("terminate called after throwing an instance of '", site);
    say(name, site);
    say("'\n", site);
    if (standard != NULL && ((catches *)standard->functions[DO_CATCH])(standard, type, &object, 1)) {
        const char *text = ((says *)(*(void *const *const *)object)[WHAT])(object);
        keep(rfn_uncaught->text, sizeof rfn_uncaught->text, text);
        say("  what():  ", site);
        say(text, site);
        say("\n", site);
    }
}

_Noreturn void rfn_terminates(uintptr_t site)
{
    const void *object;
    const header *thrown = current(&object);
    uint64_t place = rfn_current->site; /* the last of the program: it was libstdc++ that called */
    if (thrown == NULL) {
        say("terminate called without an active exception\n", site);
        rfn_abort(site, place, "terminate called without an active exception");
    }
    rfn_at(RF_RMW, rfn_fd_object(STDERR_FILENO), site);
    describe_thrown(thrown, object, site);
    rfn_abort(site, place, "terminate called after throwing an instance of ");
}

RFN_PART(RFN_ON_MODELS_PROCESS, terminate, .loaded = loaded, .reset = reset);
