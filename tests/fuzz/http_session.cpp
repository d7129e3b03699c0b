// The server's sessions on connections that exist in memory only: whatever comes, what goes out are
// whole answers, the same in whatever pieces the requests came, and nothing is held afterwards.

#include <memory>
#include <optional>
#include <stdexcept>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "fuzz/support/fuzz.hpp"
#include "fuzz/support/memory_stream.hpp"
#include "xprober/net/condense.hpp"
#include "xprober/net/http_answer.hpp"
#include "xprober/net/http_session.hpp"
#include "xprober/net/router.hpp"

namespace xprober::fuzz_http_session {

namespace {

using namespace fuzz;
namespace asio = net::asio;
namespace http = net::http;

asio::awaitable<net::http_response> answer(const net::http_request& request,
                                           net::request_context context) {
  auto text = context.path + "\n" + context.query.get_or("q", "") + "\n" + context.param("uid") +
              request.body();
  if (context.query.get("large")) {
    text.append(2000, 'x');
  }
  co_return net::condense(net::condense_terms_of(request),
                          net::text_response(http::status::ok, std::move(text)));
}

asio::awaitable<net::http_response> stream_answer(const net::http_request&, net::request_context) {
  auto response = net::text_response(http::status::ok, "");
  auto left = std::make_shared<int>(3);
  response.next_chunk = [left]() -> asio::awaitable<std::optional<std::string>> {
    std::optional<std::string> piece;
    if (--*left >= 0) {
      piece = *left == 1 ? std::string{} : "piece\n";
    }
    co_return piece;
  };
  co_return response;
}

asio::awaitable<net::http_response> throwing(const net::http_request&, net::request_context) {
  throw std::runtime_error{"it went wrong"};
  co_return net::http_response{};
}

std::shared_ptr<net::router> routes() {
  auto made = std::make_shared<net::router>();
  made->get("/", answer);
  made->get("/targets/{uid}", answer);
  made->get("/stream", stream_answer);
  made->get("/throwing", throwing);
  made->post("/rpc/{method...}", answer);
  made->explain("/api", "is elsewhere");
  return made;
}

std::string serve(std::string_view bytes, std::size_t piece, bool judged) {
  static const auto table = routes();
  static asio::io_context context{1};
  const auto budget = std::make_shared<net::byte_budget>(net::byte_limits{64 * 1024, 32 * 1024});
  net::http_session_options options;
  options.max_header = 512;
  options.max_body = 40 * 1024;
  options.account = {budget, std::make_shared<port_counters>()};
  if (judged) {
    options.judge = [](const net::http_request& head, net::request_context seen) {
      return table->judge(head, std::move(seen));
    };
  }
  std::string output;
  bool ended = false;
  asio::co_spawn(context,
                 net::serve_http(
                     std::make_unique<memory_stream>(bytes, piece, output),
                     [](const net::http_request& request, net::request_context seen) {
                       return table->handle(request, std::move(seen));
                     },
                     options, std::make_shared<net::session_control>()),
                 [&](const std::exception_ptr& thrown) {
                   require(!thrown, "a session throws nothing");
                   ended = true;
                 });
  context.restart();
  context.run();
  require(ended, "a session ends with its connection");
  require(budget->held() == 0, "a session that has ended holds nothing");
  // It is said only where a body has not come yet.
  constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
  for (auto at = output.find(go_on); at != output.npos; at = output.find(go_on, at)) {
    output.erase(at, go_on.size());
  }
  return output;
}

} // namespace

XPROBER_FUZZ(http_session) {
  input in{bytes};
  const bool judged = (in.byte() & 1U) != 0;
  const auto whole = serve(in.rest(), in.rest().size() + 1, judged);
  if (!whole.empty()) {
    require(whole.starts_with("HTTP/1."), "what goes out is HTTP");
    require(whole.find("X-Content-Type-Options") != whole.npos,
            "browsers are told what they may not");
  }
  if (!whole.empty() && in.rest().find("HEAD") == std::string_view::npos) {
    net::http_answer_reader reader{{64 * 1024, 1024 * 1024}};
    reader.feed(whole);
    reader.end();
    const auto first = reader.take();
    require(first.ok() && first.status >= 200, "what goes out is a whole answer");
  }
  for_each_piece_size(in.rest().size(), [&](std::size_t piece) {
    const auto again = serve(in.rest(), piece, judged);
    // A head that is wrong and not whole is answered at once or when it is whole.
    require(whole.starts_with(again), "the pieces do not matter");
  });
}

} // namespace xprober::fuzz_http_session
