// The programs of the speed benchmark as models for Relacy (Debian: relacy-dev), under its random scheduler.
//
//     g++ -std=c++17 -O2 -DNDEBUG -w native_relacy.cpp -o native_relacy && ./native_relacy counter 1000000
//
// Prints one line of JSON: model, executions, seconds, executions_per_s. Relacy knows no crash, so the crash handler of the key
// rotation is a thread. Every access of shared memory is sequentially consistent, as in redactfuzz.
#include <relacy/relacy.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

#define ORDER rl::memory_order_seq_cst // a macro: the order, and where it is said

// tests/native/programs/whole/counter.c
template <unsigned N> struct Counter : rl::test_suite<Counter<N>, N> {
    rl::atomic<int> x;

    void before() { x.store(0, ORDER); }

    void thread(unsigned)
    {
        const int t = x.load(ORDER);
        x.store(t + 1, ORDER);
    }

    void after()
    {
        const int end = x.load(ORDER);
        RL_ASSERT(end >= 1 && end <= static_cast<int>(N));
    }
};

// tests/native/programs/whole/key_rotation.c
struct Rotation : rl::test_suite<Rotation, 3> {
    static constexpr unsigned WORDS = 4, ROTATIONS = 2;

    rl::atomic<unsigned> keys[ROTATIONS + 1][WORDS];
    rl::atomic<int> listed[ROTATIONS + 1];
    rl::atomic<unsigned> active;
    rl::atomic<unsigned> signature;

    static unsigned secret(unsigned number, unsigned word) { return 0x9e3779b9u * (WORDS * number + word + 1u); }

    void load(unsigned number)
    {
        listed[number].store(1, ORDER);
        for (unsigned i = 0; i < WORDS; i++) keys[number][i].store(secret(number, i), ORDER);
    }

    void before()
    {
        for (unsigned number = 0; number <= ROTATIONS; number++) {
            listed[number].store(0, ORDER);
            for (unsigned i = 0; i < WORDS; i++) keys[number][i].store(0, ORDER);
        }
        active.store(0, ORDER);
        signature.store(0, ORDER);
        load(0);
    }

    void rotate()
    {
        for (unsigned number = 1; number <= ROTATIONS; number++) {
            load(number);
            active.store(number, ORDER);
            for (unsigned i = 0; i < WORDS; i++) keys[number - 1][i].store(0, ORDER);
        }
    }

    void sign()
    {
        for (int i = 0; i < 2; i++) {
            const unsigned used = active.load(ORDER);
            const unsigned first = keys[used][0].load(ORDER) & 255u;
            signature.store(first * 31u + (keys[used][WORDS - 1].load(ORDER) & 255u), ORDER);
        }
    }

    void crash()
    {
        unsigned report[WORDS];
        const unsigned used = active.load(ORDER);
        for (unsigned i = 0; i < WORDS; i++) report[i] = keys[used][i].load(ORDER);
        if (listed[used].load(ORDER)) {
            for (unsigned &word : report) word = 0;
        }
        for (unsigned i = 0; i < WORDS; i++) RL_ASSERT(report[i] != secret(used, i));
    }

    void thread(unsigned index)
    {
        if (index == 0) rotate();
        if (index == 1) sign();
        if (index == 2) crash();
    }
};

template <typename Model> int measure(const char *name, unsigned executions)
{
    rl::test_params parameters;
    parameters.search_type = rl::random_scheduler_type;
    parameters.iteration_count = executions;
    parameters.execution_depth_limit = 100000;
    std::ostringstream said;
    parameters.output_stream = &said;
    parameters.progress_stream = &said;
    const auto begin = std::chrono::steady_clock::now();
    const bool passed = rl::simulate<Model>(parameters);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    std::printf("{\"model\": \"%s\", \"executions\": %u, \"seconds\": %.6f, \"executions_per_s\": %.0f}\n", name, executions, seconds,
                executions / seconds);
    if (!passed) std::fputs(said.str().c_str(), stderr);
    return passed ? 0 : 1;
}

} // namespace

int main(int count, char **arguments)
{
    const char *model = count > 1 ? arguments[1] : "counter";
    const unsigned executions = count > 2 ? static_cast<unsigned>(std::strtoul(arguments[2], nullptr, 10)) : 100000u;
    if (!std::strcmp(model, "counter")) return measure<Counter<3>>(model, executions);
    if (!std::strcmp(model, "counter_5")) return measure<Counter<5>>(model, executions);
    if (!std::strcmp(model, "key_rotation")) return measure<Rotation>(model, executions);
    std::fprintf(stderr, "no model is called %s: counter, counter_5 or key_rotation\n", model);
    return 2;
}
