#include "server_core.hpp"

#include <boost/asio/use_awaitable.hpp>

#include "xprober/net/http_session.hpp"
#include "xprober/net/http_types.hpp"
#include "xprober/rpc/envelope.hpp"

namespace xprober::rpc {

namespace {

constexpr std::string_view needs_tls =
    "this port speaks TLS: rpc_server_addr needs msgpacks:// or https:// in front of the address";
constexpr std::string_view has_no_tls = "this port does not speak TLS";

std::string http_refusal(std::string_view text) {
  auto response = net::error_response(net::http::status::bad_request, text);
  response.keep_alive(false);
  response.prepare_payload();
  return net::http_head(response) + response.body();
}

/// In the protocol that the first bytes are of; empty where they are of none.
std::string plain_refusal(std::string_view first) {
  rpc_message message;
  std::string answer;
  if (begins_http(static_cast<unsigned char>(first.front()))) {
    answer = http_refusal(needs_tls);
  } else if (read_envelope(first, message).empty() && message.is_request) {
    write_error_response(answer, message.seq, needs_tls);
  }
  return answer;
}

} // namespace

asio::awaitable<void> refuse_plain(std::shared_ptr<server_core> core,
                                   std::unique_ptr<net::stream> connection) {
  std::string first(first_read_size, '\0');
  const auto got = co_await connection->read_some(asio::buffer(first), core->options.idle_timeout);
  if (got.error) {
    co_return;
  }
  const auto answer = plain_refusal(std::string_view{first}.substr(0, got.bytes));
  std::vector<asio::const_buffer> parts{asio::buffer(answer)};
  co_await connection->write(std::move(parts), core->options.handshake_timeout);
  co_await connection->finish();
}

asio::awaitable<void> refuse_tls(std::shared_ptr<server_core> core,
                                 std::unique_ptr<net::stream> connection) {
  // What is no TLS at all tells a client more than a connection that ends.
  const auto answer = http_refusal(has_no_tls);
  std::vector<asio::const_buffer> parts{asio::buffer(answer)};
  co_await connection->write(std::move(parts), core->options.handshake_timeout);
  co_await connection->finish();
}

} // namespace xprober::rpc
