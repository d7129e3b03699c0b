#define CAF_SUITE reactor

#include "xprober/probes/stream/reactor.hpp"

#include <array>
#include <functional>
#include <memory>
#include <stdexcept>
#include <vector>

#include <sys/socket.h>
#include <unistd.h>

#include "xprober/domain/clock.hpp"

#include "caf/test/unit_test.hpp"

namespace reactor_suite {

using namespace xprober::stream;

namespace {

/// Two sockets that are connected to each other.
class socket_pair {
public:
  socket_pair() {
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends_.data()) != 0) {
      throw std::runtime_error("socketpair");
    }
  }
  socket_pair(const socket_pair&) = delete;
  socket_pair& operator=(const socket_pair&) = delete;
  ~socket_pair() {
    close_near();
    close_far();
  }

  int near() const { return ends_[0]; }
  void send() const { CAF_CHECK_EQUAL(::send(ends_[1], "x", 1, 0), 1); }
  void read() const {
    char byte = 0;
    CAF_CHECK_EQUAL(::recv(ends_[0], &byte, 1, 0), 1);
  }
  void close_near() { close(ends_[0]); }
  void close_far() { close(ends_[1]); }

private:
  static void close(int& end) {
    if (end >= 0) {
      ::close(std::exchange(end, -1));
    }
  }
  std::array<int, 2> ends_{-1, -1};
};

struct fixture {
  boost::asio::io_context io;
  reactor sockets{io};
  std::vector<std::exception_ptr> thrown;

  void go(std::function<task<void>()> body) {
    spawn(io.get_executor(), std::move(body), [this](const std::exception_ptr& what) {
      if (what) {
        thrown.push_back(what);
      }
    });
  }
  void run() {
    sockets.end();
    io.run();
    CAF_CHECK(thrown.empty());
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(reactor_tests, fixture)

CAF_TEST(what happened is kept until it is used up) {
  socket_pair pair;
  pair.send();
  reactor::watched one;
  std::vector<bool> seen;
  CAF_REQUIRE(!sockets.add(pair.near(), one));
  go([&]() -> task<void> {
    seen.push_back(one.readable());
    co_await one.until_readable();
    seen.push_back(one.readable());
    pair.read();
    one.was_read();
    seen.push_back(one.readable());
    boost::asio::post(io, [&] { pair.close_far(); });
    co_await one.until_readable();
    seen.push_back(one.readable() && one.ended());
    one.was_read(); // an end does not pass
    seen.push_back(one.readable());
    sockets.remove(one);
  });
  run();
  CAF_CHECK((seen == std::vector<bool>{false, true, false, true, true}));
}

CAF_TEST(both directions are waited for at a time) {
  socket_pair pair;
  reactor::watched one;
  std::vector<char> ended;
  CAF_REQUIRE(!sockets.add(pair.near(), one));
  go([&]() -> task<void> {
    co_await one.until_readable();
    ended.push_back('r');
    sockets.remove(one);
  });
  go([&]() -> task<void> {
    co_await one.until_writable();
    ended.push_back('w');
    pair.send();
  });
  run();
  CAF_CHECK((ended == std::vector<char>{'w', 'r'}));
}

CAF_TEST(several wait for the same) {
  socket_pair pair;
  reactor::watched one;
  int ended = 0;
  CAF_REQUIRE(!sockets.add(pair.near(), one));
  for (int i = 0; i < 3; ++i) {
    go([&]() -> task<void> {
      co_await one.until_readable();
      ++ended;
      sockets.remove(one);
    });
  }
  pair.send();
  run();
  CAF_CHECK_EQUAL(ended, 3);
}

CAF_TEST(who waits goes on when its socket is removed but not within that) {
  socket_pair pair;
  reactor::watched one;
  bool within = false;
  int ended = 0;
  CAF_REQUIRE(!sockets.add(pair.near(), one));
  go([&]() -> task<void> {
    co_await one.until_readable();
    CAF_CHECK(!within && !one.readable());
    ++ended;
  });
  boost::asio::post(io, [&] {
    within = true;
    sockets.remove(one);
    sockets.remove(one);
    within = false;
  });
  run();
  CAF_CHECK_EQUAL(ended, 1);
}

CAF_TEST(what is told of a closed socket is not told to the next one of its number) {
  socket_pair first;
  socket_pair second;
  auto third = std::make_unique<socket_pair>();
  std::array<reactor::watched, 3> all;
  reactor::watched next;
  bool told = false;
  // Whichever of the two is told first takes the other one's number away.
  for (std::size_t i = 0; i < 2; ++i) {
    auto& pair = i == 0 ? first : second;
    pair.send();
    CAF_REQUIRE(!sockets.add(pair.near(), all.at(i)));
    go([&, i]() -> task<void> {
      co_await all.at(i).until_readable();
      if (std::exchange(told, true)) {
        co_return;
      }
      auto& other = i == 0 ? second : first;
      const int number = other.near();
      sockets.remove(all.at(1 - i));
      CAF_CHECK_EQUAL(::dup2(third->near(), number), number); // closes the old one
      CAF_CHECK(!sockets.add(number, next));
    });
  }
  int turns = 0;
  go([&]() -> task<void> {
    for (; turns < 10; ++turns) {
      co_await others_turn{io.get_executor()};
    }
    CAF_CHECK(told && !next.readable());
    for (auto* one : {&all[0], &all[1], &next}) {
      sockets.remove(*one);
    }
  });
  run();
  CAF_CHECK_EQUAL(turns, 10);
}

CAF_TEST(what one of them throws keeps nothing from the others) {
  std::array<socket_pair, 3> pairs;
  std::array<reactor::watched, 3> all;
  int told = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    pairs.at(i).send();
    CAF_REQUIRE(!sockets.add(pairs.at(i).near(), all.at(i)));
    spawn(
        io.get_executor(),
        [&, i]() -> task<void> {
          co_await all.at(i).until_readable();
          ++told;
          sockets.remove(all.at(i));
          throw std::runtime_error("of the probe");
        },
        [](const std::exception_ptr& what) { std::rethrow_exception(what); });
  }
  sockets.end();
  int came_out = 0;
  while (!io.stopped()) {
    try {
      io.run();
    } catch (const std::runtime_error&) {
      ++came_out;
    }
  }
  CAF_CHECK_EQUAL(told, 3);
  CAF_CHECK_EQUAL(came_out, 3);
}

CAF_TEST(more sockets than one look takes are all told) {
  std::vector<std::unique_ptr<socket_pair>> pairs;
  std::vector<std::unique_ptr<reactor::watched>> all;
  std::size_t told = 0;
  for (std::size_t i = 0; i < 300; ++i) { // 256 events at a time
    pairs.push_back(std::make_unique<socket_pair>());
    all.push_back(std::make_unique<reactor::watched>());
    pairs.back()->send();
    CAF_REQUIRE(!sockets.add(pairs.back()->near(), *all.back()));
    go([&, one = all.back().get()]() -> task<void> {
      co_await one->until_readable();
      ++told;
      sockets.remove(*one);
    });
  }
  run();
  CAF_CHECK_EQUAL(told, 300u);
}

CAF_TEST(others have their turn while those who are told take long) {
  std::array<socket_pair, 4> pairs;
  std::array<socket_pair, 4> more;
  std::array<reactor::watched, 8> all;
  int told = 0;
  int turns = 0;
  const auto tell_of = [&](const socket_pair& pair, reactor::watched& one, auto then) {
    pair.send();
    CAF_REQUIRE(!sockets.add(pair.near(), one));
    go([&, then]() -> task<void> {
      co_await one.until_readable();
      ++told;
      sockets.remove(one);
      then();
    });
  };
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    tell_of(pairs.at(i), all.at(i), [&, i] {
      CAF_CHECK_EQUAL(turns, static_cast<int>(i));
      boost::asio::post(io, [&] { ++turns; });
      tell_of(more.at(i), all.at(4 + i), [] {}); // takes no turn from who was told before
      const auto since = xprober::monotonic_clock::now();
      while (xprober::monotonic_clock::now() - since < reactor::longest_turn) {
      }
    });
  }
  run();
  CAF_CHECK_EQUAL(told, 8);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace reactor_suite
