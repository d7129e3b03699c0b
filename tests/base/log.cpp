#define CAF_SUITE log
#include "xprober/base/log.hpp"

#include <array>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "caf/test/unit_test.hpp"

namespace log_suite {

namespace logging = xprober::log;
using logging::level;

namespace {

/// Standard error replaced by a pipe for the time of a test.
class captured_stderr {
public:
  captured_stderr() : saved_(::dup(STDERR_FILENO)) {
    if (::pipe2(ends_.data(), O_CLOEXEC) != 0) {
      CAF_FAIL("no pipe");
    }
    ::dup2(ends_[1], STDERR_FILENO);
    ::close(ends_[1]);
  }

  ~captured_stderr() {
    restore();
    ::close(ends_[0]);
  }

  /// Everything written so far; to be called after the last write, since it waits for the end.
  std::string text() {
    restore();
    std::string all;
    std::array<char, 65536> buffer{};
    for (;;) {
      const auto n = ::read(ends_[0], buffer.data(), buffer.size());
      if (n <= 0) {
        return all;
      }
      all.append(buffer.data(), static_cast<std::size_t>(n));
    }
  }

  int read_end() const { return ends_[0]; }

private:
  void restore() {
    if (saved_ >= 0) {
      ::dup2(saved_, STDERR_FILENO);
      ::close(saved_);
      saved_ = -1;
    }
  }

  int saved_;
  std::array<int, 2> ends_{};
};

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t begin = 0;
  for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  CAF_CHECK_EQUAL(begin, text.size());
  return lines;
}

bool has(const std::string& line, std::string_view part) {
  return line.find(part) != std::string::npos;
}

} // namespace

CAF_TEST(before init lines are written at once from info on) {
  captured_stderr capture;
  logging::set_level(level::info);
  logging::debug("app", "unseen");
  logging::info("app", "starting", {{"version", "0.1.0"}});
  const auto lines = lines_of(capture.text());
  CAF_REQUIRE_EQUAL(lines.size(), 1u);
  CAF_CHECK(lines[0].ends_with("Z info  app: starting version=0.1.0"));
}

CAF_TEST(level names are read and nothing else) {
  auto l = level::off;
  CAF_CHECK(logging::parse_level("trace", l) && l == level::trace);
  CAF_CHECK(logging::parse_level("warn", l) && l == level::warn);
  CAF_CHECK(logging::parse_level("off", l) && l == level::off);
  for (const auto* name : {"", "INFO", "warning", "information"}) {
    CAF_CHECK(!logging::parse_level(name, l));
  }
  CAF_CHECK(l == level::off);
}

CAF_TEST(shutdown writes what is queued in order) {
  captured_stderr capture;
  logging::init(level::info);
  for (int i = 0; i < 500; ++i) {
    logging::info("test", "line", {{"number", i}});
  }
  logging::shutdown();
  logging::info("test", "after shutdown");
  const auto lines = lines_of(capture.text());
  CAF_REQUIRE_EQUAL(lines.size(), 501u);
  for (std::size_t i = 0; i < 500; ++i) {
    CAF_CHECK(lines[i].ends_with("number=" + std::to_string(i)));
  }
  CAF_CHECK(has(lines[500], "after shutdown"));
}

CAF_TEST(the threshold can change at run time) {
  captured_stderr capture;
  // Checked after the capture: a failed check writes to standard error, too.
  std::vector<bool> enabled;
  logging::init(level::warn);
  enabled.push_back(logging::enabled(level::info));
  enabled.push_back(logging::enabled(level::error));
  logging::info("test", "one");
  logging::set_level(level::trace);
  enabled.push_back(logging::enabled(level::trace));
  logging::write(level::trace, "test", "two");
  logging::set_level(level::off);
  enabled.push_back(logging::enabled(level::critical));
  enabled.push_back(logging::enabled(level::off));
  logging::write(level::critical, "test", "three");
  logging::write(level::off, "test", "four");
  logging::shutdown();
  logging::set_level(level::info);
  const auto lines = lines_of(capture.text());
  CAF_REQUIRE_EQUAL(lines.size(), 1u);
  CAF_CHECK(has(lines[0], "trace test: two"));
  CAF_CHECK((enabled == std::vector<bool>{false, true, true, false, false}));
}

CAF_TEST(lines of many threads stay whole) {
  captured_stderr capture;
  logging::init(level::info);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([t] {
      for (int i = 0; i < 100; ++i) {
        logging::info("test", "line", {{"thread", t}, {"number", i}});
      }
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  logging::shutdown();
  const auto lines = lines_of(capture.text());
  CAF_REQUIRE_EQUAL(lines.size(), 400u);
  for (const auto& line : lines) {
    CAF_CHECK(has(line, "Z info  test: line thread="));
  }
}

CAF_TEST(a reader that is slow costs the oldest lines and they are counted) {
  constexpr std::size_t written = 30000;
  captured_stderr capture;
  logging::init(level::info);
  const auto begun = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < written; ++i) {
    logging::info("test", "a line that is long enough to fill the pipe soon", {{"number", i}});
  }
  // Nobody has read yet, and the pipe holds 64 KB.
  const auto took = std::chrono::steady_clock::now() - begun;
  std::string text;
  std::thread reader{[&] {
    std::array<char, 65536> buffer{};
    while (!has(text, "number=29999\n")) {
      const auto n = ::read(capture.read_end(), buffer.data(), buffer.size());
      if (n <= 0) {
        return;
      }
      text.append(buffer.data(), static_cast<std::size_t>(n));
    }
  }};
  logging::shutdown();
  reader.join();
  CAF_CHECK(took < std::chrono::seconds{10});
  std::size_t whole = 0;
  std::size_t dropped = 0;
  for (const auto& line : lines_of(text)) {
    whole += has(line, "long enough") ? 1 : 0;
    if (const auto at = line.find(" dropped="); at != std::string::npos) {
      dropped += std::stoul(line.substr(at + 9));
    }
  }
  CAF_CHECK(dropped > 0);
  CAF_CHECK_EQUAL(whole + dropped, written);
}

CAF_TEST(what is flushed is written) {
  captured_stderr capture;
  logging::init(level::info);
  for (int i = 0; i < 100; ++i) {
    logging::info("test", "a line", {{"number", i}});
  }
  CAF_CHECK(logging::flush(std::chrono::seconds{10}));
  std::array<char, 65536> buffer{};
  const auto n = ::read(capture.read_end(), buffer.data(), buffer.size());
  CAF_REQUIRE(n > 0);
  CAF_CHECK(has({buffer.data(), static_cast<std::size_t>(n)}, "number=99\n"));
  logging::shutdown();
  CAF_CHECK(logging::flush(std::chrono::seconds{10}));
}

CAF_TEST(a flush waits no longer than said) {
  captured_stderr capture;
  logging::init(level::info);
  for (int i = 0; i < 2000; ++i) {
    logging::info("test", "a line that is long enough to fill the pipe soon", {{"number", i}});
  }
  CAF_CHECK(!logging::flush(std::chrono::milliseconds{50}));
  logging::shutdown();
}

CAF_TEST(a reader that has stopped cannot hold the end up) {
  captured_stderr capture;
  logging::init(level::info);
  const auto line = [](int number) {
    logging::info("test", "a line that is long enough to fill the pipe soon", {{"number", number}});
  };
  line(0);
  // Written before others can push it out of the queue, however late the log's thread begins.
  pollfd written{capture.read_end(), POLLIN, 0};
  CAF_REQUIRE_EQUAL(::poll(&written, 1, 10'000), 1);
  for (int i = 1; i < 20000; ++i) {
    line(i);
  }
  const auto begun = std::chrono::steady_clock::now();
  logging::shutdown();
  const auto took = std::chrono::steady_clock::now() - begun;
  CAF_CHECK(took < std::chrono::seconds{5});
  CAF_CHECK(has(capture.text(), "number=0\n"));
}

} // namespace log_suite
