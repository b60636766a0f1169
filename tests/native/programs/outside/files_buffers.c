/* A secret passes through a stream. "flushed": the file holds it, and so does the freed buffer in the heap. "lost": it is only in
 * the buffer when the process is killed, so the file is empty and the core is not. "unbuffered": the file alone. */
#include <redactfuzz.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { SIZE = 32 };

int main(int count, char **values)
{
    const char *what = count > 1 ? values[1] : "";
    FILE *file = fopen("report", "w");
    if (strcmp(what, "unbuffered") == 0)
        setbuf(file, NULL);
    fwrite(redactfuzz_canary("key", SIZE), 1, SIZE, file);
    if (strcmp(what, "flushed") == 0)
        fclose(file);
    kill(getpid(), SIGABRT);
    return 1;
}
