// A flight recorder fills and masks its back buffer, then swaps. The crash report shows the front buffer.
#include <array>
#include <atomic>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <pthread.h>
#include <redactfuzz.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace {

constexpr std::size_t KEY = 16;
using Frame = std::array<unsigned char, KEY>;

std::array<Frame, 2> buffers;
std::atomic<unsigned> swaps{0}; // the front buffer is that of swaps % 2

REDACTFUZZ_REDACTOR void mask(Frame &frame)
{
    std::memset(frame.data(), '*', KEY);
}

void record(const unsigned char *key)
{
    const unsigned number = swaps.load();
    Frame &back = buffers[(number + 1) % 2];
    std::memcpy(back.data(), key, KEY);
    mask(back);
    swaps.store(number + 1);
}

void read_front(Frame &copy)
{
    const unsigned number = swaps.load();
    std::memcpy(copy.data(), buffers[number % 2].data(), KEY);
}

void on_crash(int)
{
    Frame copy;
    read_front(copy);
    const int file = open("crash.report", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (file >= 0 && write(file, copy.data(), KEY) == static_cast<ssize_t>(KEY)) close(file);
    _exit(1);
}

void *session(void *unused)
{
    record(redactfuzz_canary("first key", KEY));
    record(redactfuzz_canary("second key", KEY));
    return unused;
}

} // namespace

int main()
{
    prctl(PR_SET_DUMPABLE, 0); // the report takes the place of the kernel's core
    struct sigaction action = {};
    action.sa_handler = on_crash;
    sigaction(SIGSEGV, &action, nullptr);
    pthread_t thread;
    pthread_create(&thread, nullptr, session, nullptr);
    pthread_join(thread, nullptr);
}
