// An arena moves its live blocks together. A key lies in a block while its session lasts, and may be in memory until then.
#include <array>
#include <cstring>
#include <mutex>
#include <pthread.h>
#include <redactfuzz.h>

namespace {

constexpr std::size_t BLOCKS = 2, KEY = 16;
using Block = std::array<unsigned char, KEY>;

// Byte by byte: memcpy would leave the key in vector registers.
void copy(volatile unsigned char *to, const volatile unsigned char *from)
{
    for (std::size_t i = 0; i < KEY; i++) to[i] = from[i];
}

REDACTFUZZ_REDACTOR void wipe(Block &block)
{
    explicit_bzero(block.data(), KEY);
}

class Arena {
public:
    // Takes the second block: the first is that of a request which is nearly done.
    void load(const unsigned char *key)
    {
        const std::lock_guard<std::mutex> guard(mutex_);
        copy(blocks_[place_].data(), key);
        live_ = true;
    }

    void compact()
    {
        const std::lock_guard<std::mutex> guard(mutex_);
        if (!live_ || place_ == 0) return;
        copy(blocks_[0].data(), blocks_[place_].data());
        place_ = 0;
    }

    unsigned sign()
    {
        const std::lock_guard<std::mutex> guard(mutex_);
        const volatile unsigned char *key = blocks_[place_].data();
        return key[0] * 31u + key[KEY - 1];
    }

    void release()
    {
        const std::lock_guard<std::mutex> guard(mutex_);
        wipe(blocks_[place_]);
        live_ = false;
    }

private:
    std::mutex mutex_;
    std::array<Block, BLOCKS> blocks_{};
    std::size_t place_ = 1;
    bool live_ = false;
};

Arena arena;
unsigned signature;

void *serve(void *unused)
{
    redactfuzz_allow("signing key");
    arena.load(redactfuzz_canary("signing key", KEY));
    signature = arena.sign();
    arena.release();
    redactfuzz_forbid("signing key");
    return unused;
}

void *defragment(void *unused)
{
    arena.compact();
    return unused;
}

} // namespace

int main()
{
    pthread_t server, cleaner;
    pthread_create(&server, nullptr, serve, nullptr);
    pthread_create(&cleaner, nullptr, defragment, nullptr);
    pthread_join(server, nullptr);
    pthread_join(cleaner, nullptr);
}
