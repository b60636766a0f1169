// Threads of C++17 as the standard library makes them. Nothing is wrong in any order; 10 says that a timed wait expired, and must
// come to pass as well as 0. "joined twice" is a std::system_error, "held", "static" (made from inside itself):
// deadlocks, "abandoned": the process ends while a thread waits for a future, and 0 is all that is right; "thrown": an exception that no thread
// catches ends the process.
#include <atomic>
#include <cassert>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <future>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>

using namespace std::chrono_literals;

static std::atomic<int> alive, timed_out;

struct Counted {
    int value = 5;
    Counted() { alive++; }
    Counted(const Counted &other) : value(other.value) { alive++; }
    ~Counted() { alive--; }
};

static thread_local Counted own;
static std::mutex mutex;
static std::condition_variable condition;
static bool ready;

static Counted &shared()
{
    static Counted made;
    return made;
}

static int recursive_static(int depth)
{
    static int made = recursive_static(depth + 1);
    return made;
}

static void locals()
{
    assert(own.value == 5);
    own.value = 6;
    assert(shared().value == 5);
    std::this_thread::yield();
    assert(own.value == 6);
}

static void waits()
{
    std::unique_lock<std::mutex> lock(mutex);
    condition.wait(lock, [] { return ready; });
    assert(lock.owns_lock());
}

static void waits_for_a_while()
{
    std::unique_lock<std::mutex> lock(mutex);
    auto before = std::chrono::steady_clock::now();
    if (!condition.wait_for(lock, 2s, [] { return ready; })) {
        assert(std::chrono::steady_clock::now() - before >= 2s);
        timed_out = 1;
    }
}

static void catches(int number)
{
    for (int i = 0; i < 2; i++) {
        try {
            throw number;
        } catch (int caught) {
            std::this_thread::yield();
            try {
                throw std::runtime_error(std::to_string(caught));
            } catch (const std::exception &inner) {
                std::this_thread::sleep_for(1ms);
                assert(inner.what() == std::to_string(number));
            }
            assert(caught == number);
            try {
                throw;
            } catch (int again) {
                assert(again == number);
            }
        }
    }
    assert(std::uncaught_exceptions() == 0);
}

static void threads()
{
    Counted given;
    std::thread first(locals), second(locals), third([given] { assert(given.value == 5); });
    assert(first.joinable() && first.get_id() != second.get_id() && first.get_id() != std::this_thread::get_id());
    first.join();
    second.join();
    third.join();
    assert(!first.joinable());
    assert(alive == 2); // given, shared
    std::thread one(waits), two(waits), three(waits_for_a_while);
    {
        std::lock_guard<std::mutex> lock(mutex);
        ready = true;
    }
    condition.notify_all();
    one.join();
    two.join();
    three.join();
    std::thread four(catches, 1), five(catches, 2);
    catches(3);
    four.join();
    five.join();
    assert(std::thread::hardware_concurrency() > 0);
}

static void once()
{
    static std::once_flag flag, thrown;
    static int calls, attempts;
    auto mine = [](int number) {
        int seen = 0;
        std::call_once(flag, [] { calls++; });
        assert(calls == 1);
        // Each hands a function of its own over: they must not be mixed up.
        std::once_flag local;
        std::call_once(local, [&] { seen = number; });
        assert(seen == number);
    };
    std::thread one(mine, 1), two(mine, 2);
    mine(3);
    one.join();
    two.join();
    auto tries = [] {
        try {
            std::call_once(thrown, [] {
                if (attempts++ == 0) throw 1;
            });
        } catch (int) {
        }
    };
    std::thread three(tries);
    three.join();
    tries();
    assert(attempts == 2);
}

static void locks()
{
    std::recursive_mutex recursive;
    std::timed_mutex timed;
    std::shared_mutex readers;
    std::shared_timed_mutex both;
    recursive.lock();
    assert(recursive.try_lock());
    assert(timed.try_lock_for(1s));
    readers.lock_shared();
    assert(both.try_lock_for(1s));
    std::thread other([&] {
        assert(!recursive.try_lock() && !timed.try_lock_for(1s) && !readers.try_lock());
        assert(!both.try_lock_shared_for(1s));
        std::shared_lock<std::shared_mutex> lock(readers);
    });
    other.join();
    recursive.unlock();
    recursive.unlock();
    timed.unlock();
    readers.unlock_shared();
    both.unlock();
    std::condition_variable_any any;
    std::unique_lock<std::shared_mutex> lock(readers);
    assert(any.wait_for(lock, 1s) == std::cv_status::timeout);
}

static void futures()
{
    std::promise<std::shared_ptr<Counted>> promise;
    auto future = promise.get_future();
    std::thread keeps([&] { promise.set_value(std::make_shared<Counted>()); });
    auto got = future.get();
    assert(got->value == 5);
    keeps.join();
    auto later = std::async(std::launch::async, [got] {
        std::this_thread::sleep_for(1s);
        if (got->value == 5) throw std::runtime_error("five");
        return 1;
    });
    if (later.wait_for(1ms) == std::future_status::timeout) timed_out = 1;
    try {
        later.get();
        assert(false);
    } catch (const std::runtime_error &error) {
        assert(std::strcmp(error.what(), "five") == 0);
    }
    std::condition_variable news;
    bool done = false;
    std::unique_lock<std::mutex> lock(mutex);
    std::thread late([&] {
        std::unique_lock<std::mutex> held(mutex);
        done = true;
        std::notify_all_at_thread_exit(news, std::move(held));
        assert(!mutex.try_lock());
    });
    news.wait(lock, [&] { return done; });
    lock.unlock();
    late.join();
}

int main(int arguments, char **values)
{
    std::string what = arguments > 1 ? values[1] : "";
    if (what == "joined twice") {
        std::thread thread([] {});
        thread.join();
        try {
            thread.join();
        } catch (const std::system_error &error) {
            return error.code() == std::errc::invalid_argument ? 0 : 1;
        }
        return 2;
    }
    if (what == "held") {
        std::lock_guard<std::mutex> lock(mutex);
        std::thread thread([] { std::lock_guard<std::mutex> again(mutex); });
        thread.join();
    }
    if (what == "static") recursive_static(1);
    if (what == "abandoned") {
        static std::promise<int> never, soon;
        auto first = never.get_future(), second = soon.get_future();
        std::thread(([&] { first.get(); })).detach();
        std::thread keeps([&] { soon.set_value(3); });
        assert(second.get() == 3);
        keeps.join();
        std::_Exit(0);
    }
    if (what == "thrown") {
        std::thread thread([] { throw 1; });
        thread.join();
    }
    threads();
    once();
    locks();
    futures();
    return timed_out ? 10 : 0;
}
