#define CAF_SUITE line_reader

#include "xprober/probes/stream/line_reader.hpp"

#include <algorithm>
#include <functional>
#include <vector>

#include <boost/asio/post.hpp>

#include "probes/stream/script_server.hpp"

#include "caf/test/unit_test.hpp"

namespace line_reader_suite {

using namespace xprober;
using namespace xprober::stream;
using namespace xprober::stream::test;

namespace {

struct read_lines {
  std::vector<std::string> texts;
  error_code end;
  std::size_t dropped = 0;
};

/// All lines that a server sends.
read_lines lines_of(const script_server::script& script, std::size_t most = 100) {
  read_lines got;
  script_server server{script};
  boost::asio::io_context io;
  reactor sockets{io};
  spawn(
      io.get_executor(),
      [&]() -> task<void> {
        connection over{sockets};
        const endpoint to{boost::asio::ip::address_v4::loopback(), server.port()};
        got.end = co_await over.connect(to);
        line_reader lines{over};
        while (!got.end && got.texts.size() < most) {
          auto line = co_await lines.next();
          got.end = line.error;
          if (!line.error) {
            got.texts.push_back(std::move(line.text));
          }
        }
        got.dropped = lines.drop();
      },
      [](const std::exception_ptr&) {});
  sockets.end();
  io.run();
  return got;
}

} // namespace

CAF_TEST(lines end in either way and the last one needs no end) {
  const auto got = lines_of([](peer& client) { client.send("one\r\ntwo\n\nthree"); });
  CAF_CHECK((got.texts == std::vector<std::string>{"one", "two", "", "three"}));
  CAF_CHECK(got.end == boost::asio::error::eof);
}

CAF_TEST(a line may come in pieces) {
  const auto got = lines_of([](peer& client) {
    for (const char c : std::string{"in pieces\r\n"}) {
      client.send({&c, 1});
    }
  });
  CAF_CHECK((got.texts == std::vector<std::string>{"in pieces"}));
}

CAF_TEST(a line without end is an error) {
  const auto got = lines_of([](peer& client) {
    while (client.send(std::string(4096, 'x'))) {
    }
  });
  CAF_CHECK(got.texts.empty());
  CAF_CHECK(got.end == boost::asio::error::message_size);
}

CAF_TEST(lines that came at once leave others their turn) {
  constexpr std::size_t sent = 100'000;
  script_server server{[](peer& client) { client.send(std::string(sent, '\n')); }};
  boost::asio::io_context io;
  reactor sockets{io};
  std::size_t in_a_row = 0;
  std::size_t most = 0;
  std::size_t all = 0;
  bool over = false;
  const std::function<void()> other = [&] {
    in_a_row = 0;
    if (!over) {
      boost::asio::post(io, other);
    }
  };
  spawn(
      io.get_executor(),
      [&]() -> task<void> {
        connection from{sockets};
        const endpoint to{boost::asio::ip::address_v4::loopback(), server.port()};
        auto error = co_await from.connect(to);
        other();
        for (line_reader lines{from}; !error;) {
          const auto line = co_await lines.next();
          error = line.error;
          all += error ? 0U : 1U;
          most = std::max(most, ++in_a_row);
        }
        over = true;
      },
      [](const std::exception_ptr&) {});
  sockets.end();
  io.run();
  CAF_CHECK_EQUAL(all, sent);
  CAF_CHECK(most <= line_reader::lines_in_a_turn);
}

CAF_TEST(what was read ahead can be dropped) {
  const auto got = lines_of([](peer& client) { client.send("one\nrest"); }, 1);
  CAF_CHECK((got.texts == std::vector<std::string>{"one"}));
  CAF_CHECK_EQUAL(got.dropped, 4u);
}

} // namespace line_reader_suite
