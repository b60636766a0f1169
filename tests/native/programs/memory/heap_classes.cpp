// operator new and delete in all their forms, containers, and an object that a constructor made before main: it must be as
// new in each execution. Must exit with 0.
#include <cassert>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <vector>

struct alignas(64) Wide {
    char bytes[64];
};

struct Registry {
    std::vector<int> numbers;
    int *single;
    Registry() : numbers(100, 7), single(new int(5)) {}
};

static Registry registry;

int main()
{
    assert(registry.numbers.size() == 100 && *registry.single == 5);
    for (int number : registry.numbers)
        assert(number == 7);
    registry.numbers[99] = 8;
    *registry.single = 6;

    int *one = new int(1);
    delete one;
    assert(new int(2) == one);
    char *many = new char[100];
    delete[] many;
    assert(static_cast<void *>(new (std::nothrow) char[100]) == many);
    Wide *wide = new Wide;
    assert(reinterpret_cast<std::uintptr_t>(wide) % 64 == 0);
    delete wide;
    Wide *wides = new Wide[3];
    assert(reinterpret_cast<std::uintptr_t>(wides) % 64 == 0);
    delete[] wides;
    assert(new (std::nothrow) char[SIZE_MAX / 4] == nullptr);

    std::vector<long> grown;
    for (long i = 0; i < 1000; i++)
        grown.push_back(i);
    assert(grown[999] == 999);
    registry.numbers.resize(5000);
    delete registry.single;
    registry.single = nullptr;
    return 0;
}
