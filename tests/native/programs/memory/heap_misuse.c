/* The argument says what goes wrong: each is a bug of kind "misuse" (but "null", which is none). */
#include <stdlib.h>
#include <string.h>

static char global[64];

int main(int count, char **values)
{
    char *block = malloc(24), *other = malloc(24), local[64];
    if (count < 2)
        return 1;
    if (strcmp(values[1], "twice") == 0) {
        free(block);
        free(other);
        free(block);
    }
    if (strcmp(values[1], "inside") == 0)
        free(block + 16);
    if (strcmp(values[1], "global") == 0)
        free(global);
    if (strcmp(values[1], "local") == 0)
        free(local);
    if (strcmp(values[1], "realloc") == 0) {
        free(block);
        block = realloc(block, 100);
    }
    if (strcmp(values[1], "large") == 0) {
        block = malloc(1 << 20);
        free(block);
        free(block);
    }
    if (strcmp(values[1], "null") == 0)
        free(NULL);
    return 0;
}
