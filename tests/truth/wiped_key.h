/* A key in a global variable, and a handler of the crash that hands it to redact() and then leaves a core, as many programs have it.
 * Who includes it defines redact(), unless it is to be wiped as long as it is. */
#ifndef WIPED_KEY_H
#define WIPED_KEY_H

#include <redactfuzz.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>

static unsigned char key[32];

static inline void copied(volatile unsigned char *to, const volatile unsigned char *from)
{
    for (unsigned i = 0; i < sizeof key; i++) /* memcpy would leave half of it in a vector register */
        to[i] = from[i];
}

#ifdef OWN_REDACTOR
static void redact(void);
#else
REDACTFUZZ_REDACTOR static void redact(void)
{
    explicit_bzero(key, sizeof key);
}
#endif

static void on_crash(int number)
{
    redact();
    prctl(PR_SET_DUMPABLE, 1);
    signal(number, SIG_DFL);
    raise(number);
}

/* Only the handler of the crash allows a core. */
static inline void begins(void)
{
    prctl(PR_SET_DUMPABLE, 0);
    signal(SIGSEGV, on_crash);
}

#endif
