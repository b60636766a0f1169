/* Files as the program sees them. The argument is a real file that holds "on disk\n"; it must not change. Must exit with 0, and
 * leave "kept" (11 bytes), "moved" (5 bytes) and "folder/inside" (3 bytes). */
#define _GNU_SOURCE
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define FAILS(call, error)                                                                                           \
    do {                                                                                                             \
        errno = 0;                                                                                                   \
        assert((call) == -1);                                                                                        \
        assert(errno == (error));                                                                                    \
    } while (0)

int main(int count, char **values)
{
    char text[64] = "";
    struct stat state;
    struct iovec parts[2] = {{"gather", 6}, {"ed", 2}};
    int a, b;
    assert(count == 2);

    FAILS(open("kept", O_RDONLY), ENOENT);
    FAILS(open("no folder/kept", O_WRONLY | O_CREAT, 0600), ENOENT);
    a = open("kept", O_WRONLY | O_CREAT | O_EXCL, 0640);
    assert(a == 3 && write(a, "hello world", 11) == 11);
    FAILS(read(a, text, 1), EBADF);
    FAILS(open("kept", O_WRONLY | O_CREAT | O_EXCL, 0600), EEXIST);
    assert(fsync(a) == 0 && fstat(a, &state) == 0 && state.st_size == 11 && S_ISREG(state.st_mode));
    assert((state.st_mode & 0777) == 0640);
    assert(close(a) == 0);
    FAILS(close(a), EBADF);
    FAILS(write(a, "x", 1), EBADF);

    a = open("./kept", O_RDWR);
    assert(a == 3 && read(a, text, 5) == 5 && memcmp(text, "hello", 5) == 0);
    b = dup(a);
    assert(b == 4 && read(b, text, 20) == 6 && memcmp(text, " world", 6) == 0 && read(a, text, 1) == 0);
    assert(lseek(a, -5, SEEK_END) == 6 && write(a, "W", 1) == 1 && pread(b, text, 5, 6) == 5);
    assert(memcmp(text, "World", 5) == 0 && lseek(b, 0, SEEK_CUR) == 7);
    assert(pwrite(a, "J", 1, 0) == 1 && pread(a, text, 1, 0) == 1 && text[0] == 'J');
    assert(dup2(a, 9) == 9 && fcntl(9, F_GETFL) == O_RDWR && close(9) == 0);
    close(a);
    close(b);

    a = open("log", O_WRONLY | O_CREAT | O_APPEND, 0600);
    assert(writev(a, parts, 2) == 8 && lseek(a, 0, SEEK_SET) == 0 && write(a, "!", 1) == 1);
    assert(stat("log", &state) == 0 && state.st_size == 9);
    assert(ftruncate(a, 4) == 0 && fstat(a, &state) == 0 && state.st_size == 4);
    assert(ftruncate(a, 10) == 0);
    close(a);
    a = open("log", O_RDONLY);
    assert(read(a, text, 20) == 10 && memcmp(text, "gath\0\0\0\0\0\0", 10) == 0);
    close(a);
    assert(unlink("log") == 0);
    FAILS(unlink("log"), ENOENT);
    FAILS(stat("log", &state), ENOENT);
    FAILS(access("log", F_OK), ENOENT);

    a = open("temporary", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert(write(a, "12345", 5) == 5);
    assert(rename("temporary", "moved") == 0 && access("moved", R_OK) == 0);
    FAILS(access("temporary", F_OK), ENOENT);
    close(a);
    a = open("moved", O_WRONLY | O_CREAT | O_TRUNC, 0600); /* renamed over */
    assert(write(a, "new", 3) == 3);
    close(a);
    a = open("temporary", O_WRONLY | O_CREAT, 0600);
    assert(write(a, "54321", 5) == 5 && close(a) == 0 && rename("temporary", "moved") == 0);
    assert(stat("moved", &state) == 0 && state.st_size == 5);

    assert(mkdir("folder", 0700) == 0);
    FAILS(mkdir("folder", 0700), EEXIST);
    a = open("folder/inside", O_WRONLY | O_CREAT, 0600);
    assert(write(a, "abc", 3) == 3 && close(a) == 0);
    a = open("folder", O_RDONLY | O_DIRECTORY);
    assert(a == 3 && fsync(a) == 0 && close(a) == 0);

    a = open(values[1], O_RDONLY);
    assert(a == 3 && read(a, text, 63) == 8 && memcmp(text, "on disk\n", 8) == 0);
    close(a);
    a = open(values[1], O_RDWR);
    assert(write(a, "IN", 2) == 2 && lseek(a, 0, SEEK_SET) == 0);
    assert(read(a, text, 63) == 8 && memcmp(text, "IN disk\n", 8) == 0);
    assert(close(a) == 0 && unlink(values[1]) == 0);
    FAILS(open(values[1], O_RDONLY), ENOENT);

    a = open("/dev/null", O_RDWR);
    assert(write(a, "gone", 4) == 4 && read(a, text, 4) == 0 && close(a) == 0);
    a = open("/dev/zero", O_RDONLY);
    assert(read(a, text, 4) == 4 && memcmp(text, "\0\0\0\0", 4) == 0 && close(a) == 0);
    assert(isatty(1) == 0);
    return 0;
}
