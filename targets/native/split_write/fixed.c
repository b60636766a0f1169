/* Threads append lines to a log buffer; a flusher masks what follows "key=" up to the end of the line, and writes. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <redactfuzz.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { KEY = 16, DIGITS = 2 * KEY, PART = DIGITS / 2, ROOM = 64 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char buffer[ROOM + 1];
static size_t used;
static int file;

/* The lock is held. */
static void append(const char *text, size_t size)
{
    if (used + size > ROOM) return;
    memcpy(buffer + used, text, size);
    used += size;
    buffer[used] = 0;
}

/* As much of a line as there is. */
REDACTFUZZ_REDACTOR static void mask(char *line)
{
    char *secret = strstr(line, "key=");
    if (secret) memset(secret + 4, '*', strcspn(secret + 4, "\n"));
}

static void flush(void)
{
    pthread_mutex_lock(&lock);
    mask(buffer);
    if (used > 0 && write(file, buffer, used) != (ssize_t)used) used = 0;
    used = 0;
    pthread_mutex_unlock(&lock);
}

static void hex(char *to, const unsigned char *from, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        to[2 * i] = "0123456789abcdef"[from[i] >> 4];
        to[2 * i + 1] = "0123456789abcdef"[from[i] & 15];
    }
}

/* The logger takes at most PART characters at a time. */
static void *session(void *unused)
{
    char key[DIGITS];
    hex(key, redactfuzz_canary("session key", KEY), KEY);
    pthread_mutex_lock(&lock);
    append("key=", 4);
    append(key, PART);
    append(key + PART, PART);
    append("\n", 1);
    pthread_mutex_unlock(&lock);
    return unused;
}

static void *flusher(void *unused)
{
    flush();
    return unused;
}

int main(void)
{
    prctl(PR_SET_DUMPABLE, 0); /* the log is what leaves this machine */
    file = open("service.log", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (file < 0) return 1;
    pthread_t first, second;
    pthread_create(&first, NULL, session, NULL);
    pthread_create(&second, NULL, flusher, NULL);
    pthread_join(first, NULL);
    pthread_join(second, NULL);
    flush();
    close(file);
    return 0;
}
