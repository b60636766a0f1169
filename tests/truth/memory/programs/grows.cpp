/* A vector grows while the handler wipes what it holds: between its loads of begin and end these are of two blocks. FIXED: the
 * handler wipes a table, and the vector holds nothing that is secret. */
#include <redactfuzz.h>
#include <signal.h>
#include <string.h>
#include <thread>
#include <vector>

static std::vector<unsigned char> bytes;
#ifdef FIXED
static unsigned char key[32];
REDACTFUZZ_REDACTOR static void wipe() { explicit_bzero(key, sizeof key); }
#else
REDACTFUZZ_REDACTOR static void wipe() { explicit_bzero(bytes.data(), bytes.size()); }
#endif

static void on_crash(int number)
{
    wipe();
    signal(number, SIG_DFL);
    raise(number);
}

int main()
{
    signal(SIGSEGV, on_crash);
    const unsigned char *from = redactfuzz_canary("key", 32);
#ifdef FIXED
    for (int i = 0; i < 32; i++) ((volatile unsigned char *)key)[i] = from[i];
#endif
    std::thread grow([from] {
        for (int i = 0; i < 32; i++) {
#ifdef FIXED
            bytes.push_back((unsigned char)i);
#else
            bytes.push_back(from[i]);
#endif
        }
    });
    grow.join();
    return 0;
}
