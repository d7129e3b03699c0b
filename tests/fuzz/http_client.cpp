// Answers as the program's own client reads them, from other programs' servers.

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "fuzz/support/fuzz.hpp"
#include "fuzz/support/memory_stream.hpp"
#include "xprober/net/http_client.hpp"

namespace xprober::fuzz_http_client {

namespace {

using namespace fuzz;
namespace asio = net::asio;

constexpr net::http_limits limits{512, 2048};

/// Of two that failed the reason may differ: of one that is wrong twice the reader sees what comes
/// first.
bool same(const net::http_answer& a, const net::http_answer& b) {
  return a.ok() == b.ok() && (!a.ok() || (a.status == b.status && a.reason == b.reason &&
                                          a.headers == b.headers && a.body == b.body));
}

net::http_answer read(std::string_view bytes, std::size_t piece) {
  net::http_answer_reader reader{limits};
  for (std::size_t at = 0; at < bytes.size() && !reader.done(); at += piece) {
    reader.feed(bytes.substr(at, piece));
    require(reader.begun(), "something has come");
  }
  if (!reader.done()) {
    reader.end();
  }
  require(reader.done(), "an answer has its end with the connection");
  reader.reusable();
  auto answer = reader.take();
  require(answer.body.size() <= limits.max_body, "no body above its limit");
  require(answer.ok() == answer.error.empty(), "a fault has words");
  require(!answer.ok() || answer.status >= 200 || answer.status == 101,
          "what is whole has a final status");
  return answer;
}

net::http_answer ask(std::string_view bytes, std::size_t piece) {
  static asio::io_context context{1};
  std::string sent;
  net::http_client client{{{"peer.example", 80}, false},
                          std::make_shared<memory_stream>(bytes, piece, sent)};
  net::http_request_parts parts;
  parts.limits = limits;
  parts.close = true;
  net::http_answer answer;
  asio::co_spawn(context,
                 client.request(parts, monotonic_time::clock::now() + std::chrono::hours{1}),
                 [&](const std::exception_ptr& thrown, net::http_answer got) {
                   require(!thrown, "a request throws nothing");
                   answer = std::move(got);
                 });
  context.restart();
  context.run();
  require(sent.starts_with("GET / HTTP/1.1\r\nHost: peer.example\r\n"), "the request was sent");
  return answer;
}

} // namespace

XPROBER_FUZZ(http_client) {
  const auto whole = read(bytes, bytes.size() + 1);
  for_each_piece_size(bytes.size(), [&](std::size_t piece) {
    require(same(read(bytes, piece), whole), "the pieces do not matter");
  });
  const auto asked = ask(bytes, bytes.size() + 1);
  require(bytes.empty() || same(asked, whole), "the client gives what its reader reads");
}

} // namespace xprober::fuzz_http_client
