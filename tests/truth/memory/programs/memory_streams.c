/* Streams over memory do what those of the C library do, and the secret passes through one. HOW: 0 fmemopen without a buffer,
 * 1 with one, which is freed as it is; 2 open_memstream, whose memory is wiped, 3 that has moved meanwhile: the first stays. */
#define _GNU_SOURCE
#include <errno.h>
#include <redactfuzz.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REQUIRE(condition) do { if (!(condition)) abort(); } while (0)

static volatile unsigned char key[32];

REDACTFUZZ_REDACTOR static void wipe(void)
{
    for (int i = 0; i < 32; i++) {
        key[i] = 0;
    }
}

static void fixed(void)
{
    char room[16], more[8];
    FILE *f = fmemopen(room, sizeof room, "w+");
    REQUIRE(f != NULL && room[0] == 0 && fileno(f) == -1 && errno == EBADF);
    REQUIRE(fprintf(f, "ab%d", 12) == 4 && ftell(f) == 4 && fflush(f) == 0 && strcmp(room, "ab12") == 0);
    REQUIRE(fseek(f, 1, SEEK_SET) == 0 && fgetc(f) == 'b' && fgets(more, sizeof more, f) == more && strcmp(more, "12") == 0);
    REQUIRE(fgetc(f) == EOF && feof(f) && fseek(f, 17, SEEK_SET) == -1);
    REQUIRE(fseek(f, 0, SEEK_END) == 0 && fputs("0123456789abcdef", f) >= 0 && fflush(f) == EOF);
    REQUIRE(memcmp(room, "ab120123456789a", sizeof room) == 0);
    fclose(f);
    f = fmemopen((char[]){"12 13"}, 5, "r");
    REQUIRE(fread(more, 1, sizeof more, f) == 5 && memcmp(more, "12 13", 5) == 0 && fputc('x', f) == EOF);
    fclose(f);
    strcpy(room, "say");
    f = fmemopen(room, sizeof room, "a");
    REQUIRE(fputs("so", f) >= 0 && fclose(f) == 0 && strcmp(room, "sayso") == 0);
    f = fmemopen(NULL, 8, "w+");
    REQUIRE(fputs("own", f) >= 0 && fseek(f, 0, SEEK_SET) == 0 && fgetc(f) == 'o' && fclose(f) == 0);
    REQUIRE(fmemopen(room, sizeof room, "z") == NULL && errno == EINVAL);
}

static void growing(void)
{
    char *text = NULL;
    size_t length = 99;
    FILE *f = open_memstream(&text, &length);
    REQUIRE(f != NULL && fileno(f) == -1 && fprintf(f, "%s %d", "x", 3) == 3 && fflush(f) == 0);
    REQUIRE(length == 3 && strcmp(text, "x 3") == 0);
    REQUIRE(fseeko(f, 0, SEEK_SET) == 0 && fputc('y', f) == 'y' && fseek(f, 0, SEEK_END) == 0 && ftell(f) == 1);
    for (int i = 0; i < 24; i++) {
        REQUIRE(fprintf(f, "%0500d", i) == 500);
    }
    REQUIRE(fclose(f) == 0 && length == 12001 && memcmp(text, "y0000", 5) == 0 && text[length] == 0);
    REQUIRE(memcmp(text + length - 3, "023", 3) == 0);
    free(text);
}

#if HOW < 2
static void pass(void)
{
    char room[64];
    FILE *f = fmemopen(room, sizeof room, "w");
#if HOW == 0
    setvbuf(f, NULL, _IONBF, 0);
#endif
    fwrite((const void *)key, 1, 32, f);
    fclose(f);
    explicit_bzero(room, sizeof room);
}
#else
static void pass(void)
{
    char *text;
    size_t length;
    FILE *f = open_memstream(&text, &length);
    fwrite((const void *)key, 1, 32, f);
#if HOW == 3
    for (int i = 0; i < 20; i++) {
        fprintf(f, "%0500d", i);
    }
#endif
    fclose(f);
    explicit_bzero(text, length);
    free(text);
}
#endif

int main(void)
{
    const volatile unsigned char *secret;
    fixed();
    growing();
    redactfuzz_allow("key");
    secret = redactfuzz_canary("key", 32);
    for (int i = 0; i < 32; i++) {
        key[i] = secret[i];
    }
    pass();
    wipe();
    redactfuzz_forbid("key");
    return 0;
}
