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

template <class Request>
bool is_answer_to(const raw_answer& answer) {
  static const std::size_t index = call_request{Request{}}.index();
  return answer.request == index;
}

call_result decoded_answer(const client_core& core, const raw_answer& answer,
                           const endpoint& server) {
  const auto bytes = answer.bytes;
  const auto format = answer.format;
  if (is_answer_to<push_batch_request>(answer)) {
    return decode_as(core, bytes, format, server, push_batch_response{});
  }
  if (is_answer_to<push_request>(answer)) {
    return decode_as(core, bytes, format, server, push_response{});
  }
  if (is_answer_to<leave_request>(answer)) {
    return decode_as(core, bytes, format, server, leave_response{});
  }
  if (is_answer_to<questions_request>(answer)) {
    return decode_as(core, bytes, format, server, questions_response{});
  }
  if (is_answer_to<chains_request>(answer)) {
    return decode_as(core, bytes, format, server, chains_response{});
  }
  get_targets_response response;
  response.wire_bytes = answer.wire_bytes;
  auto result = decode_as(core, bytes, format, server, std::move(response));
  if (auto* decoded = std::get_if<get_targets_response>(&result)) {
    decoded->content_hash =
        set_hash(decoded->targets) + set_hash(decoded->added) - set_hash(decoded->removed);
  }
  return result;
}

} // namespace

asio::awaitable<call_result> decode_answer(std::shared_ptr<const client_core> core,
                                           raw_answer answer, endpoint server) {
  auto read = [core, answer, &server] { return decoded_answer(*core, answer, server); };
  const auto work = core->options.work;
  if (!work || answer.bytes.size() <= net::quick_bytes) {
    co_return read();
  }
  co_return co_await work->run(std::move(read));
}

} // namespace xprober::rpc
