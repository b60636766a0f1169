/* stdio. The input is "first line\nsecond\nlast". Must exit with 0; "left open" is flushed by exit. */
#define _GNU_SOURCE
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static long size_of(const char *name)
{
    struct stat state;
    return stat(name, &state) == 0 ? (long)state.st_size : -1;
}

int main(void)
{
    char text[10000], *line = NULL;
    size_t room = 0;
    FILE *file, *other;
    int number = 0;
    char word[16];

    assert(fgets(text, 7, stdin) == text && strcmp(text, "first ") == 0);
    assert(fgetc(stdin) == 'l' && ungetc('L', stdin) == 'L' && getchar() == 'L');
    assert(getline(&line, &room, stdin) == 4 && strcmp(line, "ine\n") == 0 && room >= 120);
    assert(getline(&line, &room, stdin) == 7 && strcmp(line, "second\n") == 0);
    assert(getline(&line, &room, stdin) == 4 && strcmp(line, "last") == 0);
    assert(getline(&line, &room, stdin) == -1 && feof(stdin) && !ferror(stdin));
    free(line);

    errno = 0;
    assert(fopen("missing", "r") == NULL && errno == ENOENT);
    assert(fopen("x", "q") == NULL && errno == EINVAL);
    file = fopen("text", "w");
    assert(file != NULL && fileno(file) == 3);
    assert(fputs("one\n", file) >= 0 && fprintf(file, "%d %s %.2f\n", 2, "two", 2.5) == 11 && fputc('3', file) == '3');
    assert(size_of("text") == 0 && ftell(file) == 16); /* in the buffer */
    assert(fflush(file) == 0 && size_of("text") == 16);
    memset(text, 'x', sizeof text);
    assert(fwrite(text, 1, sizeof text, file) == sizeof text);
    assert(size_of("text") == 16 + 8192);              /* whole buffers; the rest waits */
    assert(fclose(file) == 0 && size_of("text") == 16 + 10000);

    file = fopen("text", "r+");
    assert(fread(text, 1, 4, file) == 4 && memcmp(text, "one\n", 4) == 0 && ftell(file) == 4);
    assert(fseek(file, 0, SEEK_SET) == 0 && fputc('O', file) == 'O' && fflush(file) == 0);
    rewind(file);
    assert(fgets(text, sizeof text, file) != NULL && strcmp(text, "One\n") == 0);
    assert(fgets(text, sizeof text, file) != NULL && sscanf(text, "%d %15s", &number, word) == 2);
    assert(number == 2 && strcmp(word, "two") == 0);
    assert(fseek(file, 0, SEEK_END) == 0 && ftell(file) == 16 + 10000 && fgetc(file) == EOF && feof(file));
    fclose(file);

    file = fopen("lines", "w");
    assert(setvbuf(file, NULL, _IOLBF, 0) == 0);
    fputs("half", file);
    assert(size_of("lines") == 0);
    fputs(" a line\n", file);
    assert(size_of("lines") == 12);
    other = fopen("lines", "a");
    setbuf(other, NULL);
    assert(fputs("more", other) >= 0 && size_of("lines") == 16);
    fclose(file);
    fclose(other);
    assert(remove("lines") == 0 && size_of("lines") == -1);

    assert(snprintf(text, 6, "%s-%d", "abcd", 17) == 7 && strcmp(text, "abcd-") == 0);
    assert(sprintf(text, "%5.1f|%x", 3.14159, 255) == 8 && strcmp(text, "  3.1|ff") == 0);
    assert(asprintf(&line, "%s%c", "key", '=') == 4 && strcmp(line, "key=") == 0);
    free(line);
    assert(dprintf(1, "%s\n", "straight") == 9);
    puts("buffered");
    printf("%d\n", 42);
    putchar('!');
    fprintf(stderr, "error %d\n", 7);
    errno = ENOENT;
    perror("text");
    errno = 0;
    assert(fputs("x", stdin) == EOF && errno == EBADF && ferror(stdin));
    clearerr(stdin);
    assert(!ferror(stdin));

    file = fopen("left open", "w");
    fputs("flushed at exit", file);
    return 0;
}
