// C++: new and delete in all forms, exceptions, thread-local objects with destructors that allocate, standard containers.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#define CHECK(condition) ((condition) ? void() : (std::fprintf(stderr, "not true: %s\n", #condition), std::_Exit(1)))

struct alignas(64) Wide {
  char bytes[128];
};

struct Late {
  std::vector<std::string> texts;
  ~Late() {
    for (int i = 0; i < 100; i++) texts.emplace_back(static_cast<size_t>(i), 'x');
  }
};
static thread_local Late late;
static Late at_exit;

int main() {
  for (int i = 0; i < 1000; i++) {
    std::unique_ptr<Wide> wide(new Wide);
    CHECK(reinterpret_cast<std::uintptr_t>(wide.get()) % 64 == 0);
    std::unique_ptr<Wide[]> wides(new Wide[3]);
    CHECK(reinterpret_cast<std::uintptr_t>(wides.get()) % 64 == 0);
    std::unique_ptr<char[]> none(new char[0]);
    CHECK(none);
  }
  volatile size_t huge = SIZE_MAX / 2 - 100;
  bool thrown = false;
  try {
    delete[] new char[huge];
  } catch (const std::bad_alloc &) {
    thrown = true;
  }
  CHECK(thrown && new (std::nothrow) char[huge] == nullptr);
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; t++)
    threads.emplace_back([t] {
      std::map<int, std::string> map;
      for (int i = 0; i < 20000; i++) map[i * 7919 % 5000] += static_cast<char>('a' + t);
      for (auto &[key, text] : map) CHECK(text.find_first_not_of(static_cast<char>('a' + t)) == std::string::npos);
      for (int i = 0; i < 100; i++) try {
          throw std::runtime_error(std::string(static_cast<size_t>(i) * 10, 'e'));
        } catch (const std::exception &e) {
          CHECK(std::string(e.what()).size() == static_cast<size_t>(i) * 10);
        }
      late.texts.emplace_back("late");
    });
  for (auto &t : threads) t.join();
  at_exit.texts.emplace_back("later");
}
