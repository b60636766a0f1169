// A short string that was moved from keeps all but its first character. CLEAN wipes it.
#include <redactfuzz.h>

#include <csignal>
#include <cstring>
#include <string>
#include <utility>

static std::string token, other;

REDACTFUZZ_REDACTOR static void wipe()
{
    memset(static_cast<void *>(&other), 0, sizeof other);
    if (CLEAN) memset(static_cast<void *>(&token), 0, sizeof token);
}

static void on_crash(int number)
{
    wipe();
    signal(number, SIG_DFL); // the strings lie within their objects, and need no destructor
    raise(number);
}

int main()
{
    signal(SIGSEGV, on_crash);
    token.assign(reinterpret_cast<const char *>(redactfuzz_canary("token", 15)), 15);
    other = std::move(token);
    return 0;
}
