/* A report shows a copy of the key that was masked when it was made. What is called the redactor makes that copy (COPIES), masks it in
 * place (IN_PLACE), or is called by nobody. LEAKY: it masks half. */
#include <fcntl.h>
#include <pthread.h>
#include <redactfuzz.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

enum { SIZE = 32 };

static unsigned char shown[SIZE];

#ifdef COPIES
REDACTFUZZ_REDACTOR void copy_masked(unsigned char *to, const unsigned char *from)
{
    for (int i = 0; i < SIZE; i++) to[i] = from ? '*' : 0;
}
#elif defined IN_PLACE
REDACTFUZZ_REDACTOR void mask(unsigned char *text)
{
#ifdef LEAKY
    memset(text, '*', SIZE / 2);
#else
    memset(text, '*', SIZE);
#endif
}
static void copy_masked(unsigned char *to, const unsigned char *from)
{
    unsigned char text[SIZE];
    memcpy(text, from, SIZE);
    mask(text);
    memcpy(to, text, SIZE);
}
#else
static void copy_masked(unsigned char *to, const unsigned char *from)
{
    (void)from;
    memset(to, '*', SIZE);
}
REDACTFUZZ_REDACTOR void mask(unsigned char *text) { memset(text, '*', SIZE); }
#endif

static void report(int number)
{
    int file = open("report", O_CREAT | O_WRONLY | O_TRUNC, 0600);
    _exit(write(file, shown, SIZE) != SIZE || number == 0);
}

static void *work(void *unused)
{
    copy_masked(shown, redactfuzz_canary("key", SIZE));
    return unused;
}

int main(void)
{
    pthread_t worker;
    signal(SIGSEGV, report);
    pthread_create(&worker, NULL, work, NULL);
    pthread_join(worker, NULL);
    return shown[0] == 77;
}
