/* What each program in C and C++ does beside its key: arguments, the public half as numbers, and waiting to be dumped.

   PROGRAM KIND PUBLIC makes a key of that kind, uses it once, writes its public half, and says "ready". Then it does what
   it is told on standard input: "keep FILE" reads a file into memory, "tell FILE" writes the private half.

   Numbers are written in hexadecimal, so that no certificate is in memory by our doing. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REQUIRE(fact) \
    do { \
        if (!(fact)) { \
            fprintf(stderr, "line %d: %s\n", __LINE__, #fact); \
            exit(1); \
        } \
    } while (0)

static const unsigned char message[32] = "what is signed: one short text.";
static const unsigned char zeros[16] = {0};
static void *volatile kept;

static inline void hex(FILE *to, const char *name, const unsigned char *bytes, size_t size)
{
    fprintf(to, "%s ", name);
    for (size_t i = 0; i < size; i++)
        fprintf(to, "%02x", bytes[i]);
    fprintf(to, "\n");
}

static inline FILE *opened(const char *path)
{
    FILE *file = fopen(path, "w");
    REQUIRE(file);
    return file;
}

static inline void keep(const char *path)
{
    FILE *file = fopen(path, "rb");
    REQUIRE(file);
    char *bytes = (char *)calloc(1, 1 << 16);
    REQUIRE(bytes && fread(bytes, 1, 1 << 16, file) > 0);
    fclose(file);
    kept = bytes;
}

/* Returns when there is nothing more to do. */
static inline void wait_for_orders(void (*tell)(FILE *))
{
    char line[4096];
    puts("ready");
    fflush(stdout);
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = 0;
        if (!strncmp(line, "keep ", 5)) {
            keep(line + 5);
        } else if (!strncmp(line, "tell ", 5)) {
            FILE *to = opened(line + 5);
            tell(to);
            fclose(to);
        }
        puts("done");
        fflush(stdout);
    }
}
