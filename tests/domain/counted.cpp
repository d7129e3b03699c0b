#define CAF_SUITE counted

#include "xprober/domain/counted.hpp"

#include <thread>
#include <utility>
#include <vector>

#include "caf/test/unit_test.hpp"

namespace counted_suite {

using namespace xprober;

namespace {

struct thing {
  int* ended;
  int number = 0;
  reference_count references = {};

  thing(int* count, int n) : ended(count), number(n) {}
  thing(const thing&) = default;
  thing& operator=(const thing&) = default;
  ~thing() { ++*ended; }
};

} // namespace

CAF_TEST(the last pointer ends the object) {
  int ended = 0;
  auto first = new_counted<const thing>(&ended, 3);
  auto second = first;
  CAF_CHECK_EQUAL(second->number, 3);
  first.reset();
  CAF_CHECK_EQUAL(ended, 0);
  second = nullptr;
  CAF_CHECK_EQUAL(ended, 1);
}

CAF_TEST(a copy of an object is held by nobody and keeps its own number when it is assigned) {
  int ended = 0;
  const auto first = new_counted<thing>(&ended, 1);
  {
    const thing copy = *first;
    CAF_CHECK_EQUAL(copy.number, 1);
  }
  CAF_CHECK_EQUAL(ended, 1);
  auto second = new_counted<thing>(&ended, 2);
  const auto also = second;
  *second = *first; // two hold it, as before
  second.reset();
  CAF_CHECK_EQUAL(ended, 1);
  CAF_CHECK_EQUAL(also->number, 1);
}

CAF_TEST(threads that let go at the same time end it once) {
  constexpr int rounds = 200;
  int ended = 0;
  for (int i = 0; i < rounds; ++i) {
    auto mine = new_counted<const thing>(&ended, i);
    std::thread other{[theirs = mine]() mutable { theirs.reset(); }};
    mine.reset();
    other.join();
  }
  CAF_CHECK_EQUAL(ended, rounds);
}

} // namespace counted_suite
