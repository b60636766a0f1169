"""Code of the C++ library has no hooks: what it allocates and writes is searched and put back all the same."""

from __future__ import annotations

import platform
from pathlib import Path
from typing import Any

import pytest

from redactfuzz import explore, native, token
from redactfuzz.model.finding import Report
from redactfuzz.model.verdict import Verdict

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(platform.machine() != "x86_64", reason="cores are confirmed on x86-64"),
]

HEAD = """
#include <cassert>
#include <filesystem>
#include <fstream>
#include <list>
#include <map>
#include <mutex>
#include <redactfuzz.h>
#include <set>
#include <sstream>
#include <stdexcept>
#include <cstring>
#include <string>
#include <thread>
#include <unordered_map>
static std::mutex lock;
static std::string secret()
{
    const volatile unsigned char *given = redactfuzz_canary("key", 32);
    std::string made(32, 'x');
    for (size_t i = 0; i < made.size(); i++) made[i] = given[i];
    return made;
}
static void wipe(std::string &text) { explicit_bzero(&text[0], text.size()); }
"""
CONTAINERS = """
static std::map<int, int> tree;
static std::list<int> list;
static std::unordered_map<int, int> table;
static void fill(int from)
{
    std::lock_guard<std::mutex> guard(lock);
    for (int i = from; i < from + 9; i++) {
        tree[i] = table[i] = i;
        list.push_back(i);
    }
}
int main()
{
    std::thread first(fill, 0), second(fill, 100);
    first.join();
    second.join();
    assert(tree.size() == 18 && table.size() == 18 && list.size() == 18);
    assert(tree.begin()->second == 0 && tree.rbegin()->second == 108);
}
"""
EXCHANGED = """
static std::string text = "that the program made, and the library deletes";
int main()
{
    std::thread thread([] {
        std::ostringstream out;
        out.str(std::move(text));
        out << std::string(100, 'x') << 12;
        std::string made = out.str();
        assert(made.size() == 102);
    });
    thread.join();
}
"""
PACKAGED = """
#include <future>
int main()
{
    std::packaged_task<int(int)> task([](int x) { return x * 2; });
    std::future<int> got = task.get_future();
    std::thread thread(std::move(task), 4);
    assert(got.get() == 8);
    thread.join();
}
"""
COPIED = """
int main()
{
    redactfuzz_allow("key");
    std::thread thread([] {
        std::string key = secret();
        std::string told = "the key is " + key;
        wipe(key);
    });
    thread.join();
    redactfuzz_forbid("key");
}
"""
THROWN = """
int main()
{
    redactfuzz_allow("key");
    std::thread thread([] {
        std::string key = secret();
        try {
            throw std::runtime_error(key);
        } catch (const std::exception &) {
        }
        wipe(key);
    });
    thread.join();
    redactfuzz_forbid("key");
}
"""
UNTHROWN = """
#include <cxxabi.h>
int main()
{
    redactfuzz_allow("key");
    auto *kept = static_cast<volatile unsigned char *>(abi::__cxa_allocate_exception(32));
    const volatile unsigned char *given = redactfuzz_canary("key", 32);
    for (unsigned i = 0; i < 32; i++) kept[i] = given[i];
    redactfuzz_forbid("key");
    for (unsigned i = 0; i < 32; i++) kept[i] = 0;
    abi::__cxa_free_exception(const_cast<unsigned char *>(kept));
}
"""
PRINTED = """
#include <iostream>
int main()
{
    std::string given;
    std::getline(std::cin, given);
    std::thread thread([&] { std::cout << given.size() << ':' << given << std::endl; });
    thread.join();
}
"""
WRITTEN = """
static unsigned char key[32];
REDACTFUZZ_REDACTOR static void scrub() { explicit_bzero(key, sizeof key); }
int main()
{
    std::thread rotate([] {
        LOCK
        const unsigned char *given = redactfuzz_canary("key", sizeof key);
        for (unsigned i = 0; i < sizeof key; i++) key[i] = given[i];
        scrub();
    });
    std::thread report([] {
        LOCK
        std::ofstream out("crash.report");
        out << "report" << std::endl;
        out.write(reinterpret_cast<const char *>(key), sizeof key);
    });
    rotate.join();
    report.join();
    std::ifstream in("crash.report");
    std::string first;
    return std::getline(in, first) && first == "report" && in.seekg(0, std::ios::end).tellg() == 39 ? 0 : (abort(), 3);
}
"""
MOVED = """
int main()
{
    std::thread thread([] { std::filesystem::exists("nothing"); });
    thread.join();
}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def explored(text: str, *, executions: int = 300, **options: Any) -> Report:
    source = Path("program.cpp").absolute()
    source.write_text(HEAD + text, "utf-8")
    return explore(native.scenario(source, **options), executions=executions, seconds=60)


@pytest.mark.parametrize("text", [CONTAINERS, EXCHANGED, PACKAGED], ids=["containers", "exchanged", "packaged"])
def test_what_the_library_links_deletes_and_refers_to_is_no_bug_of_the_program(text: str) -> None:
    report = explored(text)
    assert report.verdict is Verdict.NO_LEAK_FOUND, report.reason


def test_a_string_is_made_of_code_with_hooks() -> None:
    report = explored(COPIED)
    assert report.verdict is Verdict.LEAK, report.reason
    assert report.finding is not None
    assert "heap block of 44 bytes" in str(report.finding.leaks)
    assert "plain build" not in report.finding.cause


def test_what_is_thrown_is_searched() -> None:
    report = explored(THROWN)
    assert report.verdict is Verdict.LEAK, report.reason
    assert any(note.startswith("confirmed: ") for note in report.notes)


def test_an_exception_that_is_not_thrown_is_searched() -> None:
    report = explored(UNTHROWN)
    assert report.verdict is Verdict.LEAK, report.reason


def test_what_standard_streams_read_and_print_is_the_programs() -> None:
    report = explored(PRINTED, crash="none", canaries={"password": token()}, stdin="password")
    assert report.verdict is Verdict.LEAK, report.reason
    assert any(note.startswith("confirmed: ") and "the file stdout (36 bytes)" in note for note in report.notes)


def test_files_of_streams_are_the_programs() -> None:
    report = explored(WRITTEN.replace("LOCK", ""), crash="none")
    assert report.verdict is Verdict.LEAK, report.reason
    assert any(note.startswith("confirmed: ") and "the file crash.report (39 bytes)" in note for note in report.notes)
    locked = explored(WRITTEN.replace("LOCK", "std::lock_guard<std::mutex> held(lock);"), crash="none")
    assert locked.verdict is Verdict.NO_LEAK_FOUND, locked.reason
    assert not Path("crash.report").exists()


def test_files_that_are_not_searched_make_a_pass_inconclusive() -> None:
    report = explored(MOVED)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert report.reason is not None
    assert "std::filesystem" in report.reason.what
    assert "real files, which are not searched" in report.reason.what
