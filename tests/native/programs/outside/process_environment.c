/* Arguments and environment, which are as new in each execution. Started with the arguments "one" and "two words" and the
 * variable GIVEN=value. Must exit with 0. */
#define _GNU_SOURCE
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

extern char **environ;

int main(int count, char **values, char **variables)
{
    char *given = getenv("GIVEN"), *old = given;
    int seen = 0;
    assert(count == 3 && strcmp(values[1], "one") == 0 && strcmp(values[2], "two words") == 0 && values[3] == NULL);
    assert(environ == variables && given != NULL && strcmp(given, "value") == 0);
    for (char **at = environ; *at != NULL; at++)
        seen += strcmp(*at, "GIVEN=value") == 0;
    assert(seen == 1 && getenv("GIVE") == NULL && getenv("NEW") == NULL);

    assert(setenv("GIVEN", "other", 0) == 0 && getenv("GIVEN") == given);
    assert(setenv("GIVEN", "other", 1) == 0 && strcmp(getenv("GIVEN"), "other") == 0);
    assert(strcmp(old, "value") == 0); /* where it lay */
    assert(setenv("NEW", "1", 1) == 0 && setenv("NEWER", "2", 1) == 0 && strcmp(getenv("NEW"), "1") == 0);
    assert(putenv("PUT=3") == 0 && strcmp(getenv("PUT"), "3") == 0 && strcmp(secure_getenv("NEWER"), "2") == 0);
    assert(unsetenv("GIVEN") == 0 && getenv("GIVEN") == NULL && strcmp(old, "value") == 0);
    errno = 0;
    assert(setenv("A=B", "x", 1) == -1 && errno == EINVAL && unsetenv("") == -1);
    memset(old, 'x', 5);        /* written into the area itself: put back before the next execution */
    values[1][0] = 'O';
    assert(clearenv() == 0 && getenv("NEW") == NULL && setenv("LAST", "1", 1) == 0);
    return 0;
}
