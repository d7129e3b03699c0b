#include "client_core.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "xprober/domain/targets/target_set.hpp"

namespace xprober::rpc {

asio::awaitable<void> client_core::wait_change() {
  boost::system::error_code ignored;
  changed.expires_at(asio::steady_timer::time_point::max());
  co_await changed.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

std::string encode_request(const client_core& core, const call_request& request, std::string& out) {
  const auto before = out.size();
  std::visit([&out](const auto& message) { encode(message, wire_format::msgpack, out); }, request);
  const auto size = out.size() - before;
  if (size <= core.options.frame.max_bytes) {
    return {};
  }
  return "the request has " + std::to_string(size) + " bytes, the limit is " +
         std::to_string(core.options.frame.max_bytes);
}

namespace {

template <class Response>
call_result decode_as(const client_core& core, std::string_view bytes, wire_format format,
                      const endpoint& server, Response response) {
  const auto problem = decode(bytes, format, response, core.options.decode);
  if (!problem.empty()) {
    return make_error(ec::bad_message, server.text + ": " + problem);
  }
  return response;
}

} // namespace

call_result decode_answer(const client_core& core, const call_request& request,
                          std::string_view bytes, wire_format format, std::size_t wire_bytes,
                          const endpoint& server) {
  if (std::holds_alternative<push_batch_request>(request)) {
    return decode_as(core, bytes, format, server, push_batch_response{});
  }
  if (std::holds_alternative<push_request>(request)) {
    return decode_as(core, bytes, format, server, push_response{});
  }
  get_targets_response response;
  response.wire_bytes = wire_bytes;
  auto result = decode_as(core, bytes, format, server, std::move(response));
  if (auto* decoded = std::get_if<get_targets_response>(&result)) {
    decoded->content_hash =
        set_hash(decoded->targets) + set_hash(decoded->added) - set_hash(decoded->removed);
  }
  return result;
}

} // namespace xprober::rpc
