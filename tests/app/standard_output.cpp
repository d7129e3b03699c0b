#define CAF_SUITE standard_output

#include "xprober/app/standard_output.hpp"

#include <array>
#include <cerrno>
#include <ostream>
#include <string>

#include <fcntl.h>
#include <unistd.h>

#include "caf/test/unit_test.hpp"

namespace standard_output_suite {

using xprober::app::descriptor_buffer;

namespace {

/// A pipe whose reading end never blocks.
struct fixture {
  fixture() {
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
      CAF_FAIL("no pipe");
    }
    ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  }

  ~fixture() {
    ::close(ends[0]);
    ::close(ends[1]);
  }

  void fill() {
    ::fcntl(ends[1], F_SETFL, O_NONBLOCK);
    const std::string page(4096, 'x');
    while (::write(ends[1], page.data(), page.size()) > 0) {
    }
    ::fcntl(ends[1], F_SETFL, 0);
  }

  void drain() {
    std::array<char, 65536> buffer{};
    for (auto n = ::read(ends[0], buffer.data(), buffer.size()); n > 0;
         n = ::read(ends[0], buffer.data(), buffer.size())) {
      got.append(buffer.data(), static_cast<std::size_t>(n));
    }
  }

  std::array<int, 2> ends{};
  std::string got;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(standard_output_tests, fixture)

CAF_TEST(a reader that has stopped is given up when told) {
  fill();
  int asked = 0;
  descriptor_buffer buffer{ends[1], [&] { return ++asked == 2; }};
  std::ostream out{&buffer};
  out << "a line\n" << std::flush;
  CAF_CHECK(!out.good());
  CAF_CHECK_EQUAL(buffer.error(), EINTR);
  CAF_CHECK_EQUAL(asked, 2);
}

CAF_TEST(a reader that is slow gets all) {
  fill();
  drain();
  got.clear();
  descriptor_buffer buffer{ends[1], [&] {
                             drain();
                             return false;
                           }};
  std::ostream out{&buffer};
  std::string text;
  for (int i = 0; i < 40'000; ++i) {
    text += std::to_string(i) + "\n";
  }
  out << text << std::flush;
  drain();
  CAF_CHECK(out.good());
  CAF_CHECK_EQUAL(buffer.error(), 0);
  CAF_CHECK(got == text);
}

CAF_TEST(an end that nobody reads is an error) {
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  descriptor_buffer buffer{full};
  std::ostream out{&buffer};
  out << "a line\n" << std::flush;
  CAF_CHECK_EQUAL(buffer.error(), ENOSPC);
  ::close(full);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace standard_output_suite
