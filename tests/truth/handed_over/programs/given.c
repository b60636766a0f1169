/* The secret comes from outside: the program reads it (READ), wipes it where it lay, or uses the name of another variable. */
#include <fcntl.h>
#include <redactfuzz.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;
static volatile unsigned sum;

REDACTFUZZ_REDACTOR static void wipe(char *text)
{
    explicit_bzero(text, strlen(text));
}

static char *secret(int count, char **values)
{
#if defined(BY_GETENV)
    (void)count, (void)values;
    return getenv("SECRET");
#elif defined(BY_ENVIRON)
    (void)count, (void)values;
    for (char **at = environ; *at != NULL; at++)
        if (strncmp(*at, "SECRET=", 7) == 0) return *at + 7;
    return NULL;
#else
    return count > 1 ? values[count - 1] : NULL;
#endif
}

int main(int count, char **values)
{
    unlink("nothing");
    if (getenv("HOME") != NULL) sum++;
#ifndef KEPT
    redactfuzz_allow(NAME);
#endif
    char *text = secret(count, values);
    if (text == NULL) return 1;
#ifdef PRINTED
    printf("%s\n", text);
#endif
#ifndef KEPT
    for (char *at = text; *at != 0; at++) sum += (unsigned char)*at;
    wipe(text);
    redactfuzz_forbid(NAME);
#endif
    unlink("nothing");
    return 0;
}
