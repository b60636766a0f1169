/* Functions of the C library that nobody models: some reach out of the process, some stay within it. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <pwd.h>
#include <redactfuzz.h>
#include <regex.h>
#include <search.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <utmp.h>
#include <wchar.h>

#define ACCOUNT 0    /* the key goes into a file */
#define PASSWORD 1   /* the same, through a stream */
#define PENDING 2    /* right */
#define IN_MEMORY 3  /* right */
#define FOLDER 4     /* the key is a folder's name */
#define FOLDER_OF_NONE 5 /* right */
#define CONFINED 6   /* right: whatever these write is memory */

enum { SIZE = 16 };
static volatile unsigned char key[SIZE];
static char digits[2 * SIZE + 1];

REDACTFUZZ_REDACTOR static void wipe(void)
{
    for (int i = 0; i < SIZE; i++) key[i] = 0;
    memset(digits, 0, sizeof digits);
}

#if WHAT == CONFINED
static int order(const void *one, const void *other) { return strcmp(one, other); }
#endif

int main(void)
{
    redactfuzz_allow("key");
    const unsigned char *secret = redactfuzz_canary("key", SIZE);
    for (int i = 0; i < SIZE; i++) key[i] = secret[i];
    for (int i = 0; i < SIZE; i++) sprintf(digits + 2 * i, "%02x", key[i]);
#if WHAT == ACCOUNT
    static struct utmp entry;
    memcpy(entry.ut_user, digits, sizeof digits - 1);
    updwtmp("/nowhere/wtmp", &entry);
    memset(&entry, 0, sizeof entry);
#elif WHAT == PASSWORD
    struct passwd entry = {.pw_name = "x", .pw_passwd = digits, .pw_gecos = "", .pw_dir = "", .pw_shell = ""};
    FILE *file = fopen("/tmp/passwords", "w");
    if (file == NULL || putpwent(&entry, file) != 0 || fclose(file) != 0) abort();
#elif WHAT == PENDING
    FILE *file = fopen("/tmp/pending", "w");
    if (file == NULL || fprintf(file, "x") != 1 || __fpending(file) != 1) abort();
    __fpurge(file);
    fclose(file);
#elif WHAT == IN_MEMORY
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    if (file == NULL || fprintf(file, "x %d", 3) != 3 || fclose(file) != 0 || strcmp(text, "x 3") != 0) abort();
    free(text);
#elif WHAT == FOLDER || WHAT == FOLDER_OF_NONE
    char name[sizeof digits + 16] = "/tmp/";
    if (WHAT == FOLDER) strcat(name, digits);
    strcat(name, "XXXXXX");
    if (mkdtemp(name) == NULL) abort();
    if (WHAT == FOLDER_OF_NONE && rmdir(name) != 0) abort();
    memset(name, 0, sizeof name);
#elif WHAT == CONFINED
    void *tree = NULL;
    struct in_addr address;
    regex_t pattern;
    wchar_t wide[8];
    if (regcomp(&pattern, "a+", REG_EXTENDED) != 0 || regexec(&pattern, "aa", 0, NULL, 0) != 0) abort();
    regfree(&pattern);
    if (tsearch("one", &tree, order) == NULL || tdelete("one", &tree, order) == NULL) abort();
    if (inet_aton("127.0.0.1", &address) == 0 || mbstowcs(wide, "wide", 8) != 4) abort();
    getpwuid(getuid());
#endif
    wipe();
    redactfuzz_forbid("key");
    return 0;
}
