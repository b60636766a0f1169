/* A key lies in a file that is mapped, in the page of it that the second argument tells. Which mappings a core holds is the kernel's
 * rule; the first argument says what is mapped, and what is done to it before the process ends or, with a third one, dies. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <redactfuzz.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SIZE = 32, PAGE = 4096, BOTH = PROT_READ | PROT_WRITE };
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8u
#endif
#define PATH "/tmp/mapped_file_of_redactfuzz"

static volatile unsigned char key[SIZE];
static const char *what;

static int is(const char *name) { return strcmp(what, name) == 0; }

static int begins(const char *name) { return strncmp(what, name, strlen(name)) == 0; }

static void must(int is_so)
{
    if (!is_so) abort();
}

REDACTFUZZ_REDACTOR static void wipe(void)
{
    for (int i = 0; i < SIZE; i++) key[i] = 0;
}

static int made(int page)
{
    int is_program = strstr(what, "program") != NULL && !is("program late");
    int file;
    unlink(PATH);
    file = begins("memfd") ? memfd_create("pages", is("memfd noexec") ? MFD_NOEXEC_SEAL : 0)
                           : open(PATH, O_RDWR | O_CREAT | O_TRUNC, is_program ? 0755 : 0600);
    must(file >= 0 && ftruncate(file, 2 * PAGE) == 0);
    must(pwrite(file, (const void *)key, SIZE, page * PAGE + 128) == SIZE);
    if (is("library")) must(pwrite(file, "\177ELF", 4, 0) == 4);
    if (begins("shared reader")) {
        close(file);
        file = open(PATH, O_RDONLY);
        must(file >= 0);
    }
    return file;
}

static volatile unsigned char *mapped(int file)
{
    int is_read = begins("program") || begins("library") || begins("memfd") || begins("shared reader");
    int protection = begins("closed") ? PROT_NONE : is_read ? PROT_READ : BOTH;
    int flags = (begins("shared") ? MAP_SHARED : MAP_PRIVATE) | (is("populated") ? MAP_POPULATE : 0);
    volatile unsigned char *pages = mmap(NULL, 2 * PAGE, protection, flags, file, 0);
    must(pages != MAP_FAILED);
    return pages;
}

static void use(volatile unsigned char *pages, int file)
{
    volatile unsigned char *second = pages + PAGE;
    if (is("program late")) {
        must(fchmod(file, 0700) == 0);
    } else if (is("program cut")) {
        must(munmap((void *)pages, PAGE) == 0);
    } else if (is("closed program opened")) {
        must(mprotect((void *)pages, 2 * PAGE, PROT_READ) == 0);
    } else if (is("written") || is("dontdump")) {
        pages[PAGE - 1] = 1;
    } else if (is("written the same")) {
        pages[PAGE - 1] = pages[PAGE - 1];
    } else if (is("written by a library")) {
        memfrob((void *)(pages + PAGE - 1), 1);
    } else if (is("written and read again")) {
        pages[PAGE - 1] = 1;
        must(madvise((void *)pages, 2 * PAGE, MADV_DONTNEED) == 0);
    } else if (is("written apart")) {
        must(mprotect((void *)second, PAGE, PROT_READ) == 0);
        pages[0] = 1;
    } else if (is("written apart and joined")) {
        must(mprotect((void *)second, PAGE, PROT_READ) == 0);
        pages[0] = 1;
        must(mprotect((void *)second, PAGE, BOTH) == 0);
    } else if (is("written where advised")) {
        must(madvise((void *)second, PAGE, MADV_RANDOM) == 0);
        pages[0] = 1;
    } else if (is("written beside")) {
        must(mmap((void *)second, PAGE, BOTH, MAP_PRIVATE | MAP_FIXED, file, PAGE) != MAP_FAILED);
        pages[0] = 1;
    } else if (is("written and moved") || is("moved")) {
        if (is("written and moved")) pages[0] = 1;
        must(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
        must(mremap((void *)pages, 2 * PAGE, 3 * PAGE, MREMAP_MAYMOVE) != MAP_FAILED);
    } else if (is("written and grown")) {
        pages[0] = 1;
        must(munmap((void *)second, PAGE) == 0);
        must(mremap((void *)pages, PAGE, 2 * PAGE, MREMAP_MAYMOVE) != MAP_FAILED);
    } else if (is("read again")) {
        must(madvise((void *)pages, 2 * PAGE, MADV_DONTNEED) == 0);
    } else if (is("locked")) {
        must(mlock((void *)pages, PAGE) == 0 && munlock((void *)pages, PAGE) == 0);
    } else if (is("locked once touched")) {
        must(mlock2((void *)pages, 2 * PAGE, MLOCK_ONFAULT) == 0);
    } else if (is("dodump")) {
        must(madvise((void *)pages, 2 * PAGE, MADV_DONTDUMP) == 0 && madvise((void *)pages, 2 * PAGE, MADV_DODUMP) == 0);
    }
    if (is("dontdump")) must(madvise((void *)pages, 2 * PAGE, MADV_DONTDUMP) == 0);
}

static void name_goes(void)
{
    if (is("shared renamed")) {
        int other = open(PATH ".new", O_RDWR | O_CREAT, 0600);
        must(other >= 0 && rename(PATH ".new", PATH) == 0);
        close(other);
    } else if (!begins("memfd")) {
        must(unlink(PATH) == 0);
    }
}

static void child(volatile unsigned char *pages, int dies)
{
    if (fork() == 0) {
        volatile unsigned char seen = pages[PAGE - 1];
        if (is("child writes")) pages[PAGE - 1] = seen;
        usleep(1);
        if (dies) kill(getpid(), SIGABRT);
        _exit(0);
    }
    must(wait(NULL) > 0);
}

int main(int count, char **values)
{
    const unsigned char *secret;
    volatile unsigned char *pages;
    int file;
    if (count < 3) return 1;
    what = values[1];
    redactfuzz_allow("key");
    secret = redactfuzz_canary("key", SIZE);
    for (int i = 0; i < SIZE; i++) key[i] = secret[i];
    file = made(atoi(values[2]));
    pages = mapped(file);
    use(pages, file);
    close(file);
    name_goes();
    wipe();
    redactfuzz_forbid("key");
    if (begins("child")) {
        child(pages, count > 3);
    } else if (count > 3) {
        kill(getpid(), SIGABRT);
    }
    return 0;
}
