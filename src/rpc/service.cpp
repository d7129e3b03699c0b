#include "server_core.hpp"

#include "xprober/bridge/ask.hpp"
#include "xprober/domain/label_text.hpp"
#include "xprober/domain/wire/batch.hpp"
#include "xprober/rpc/envelope.hpp"
#include "xprober/rpc/token.hpp"

namespace xprober::rpc {

namespace {

/// Encoded lists kept, in bytes.
constexpr std::size_t max_cached_bytes = 256 * 1024 * 1024;
/// No region, address or process is longer: a longer one would only fill the registry.
constexpr std::size_t longest_identity = max_region_bytes;

template <class Message>
decoded_call decode_as(const server_core& core, std::string_view argument, wire_format format) {
  decoded_call decoded;
  Message message;
  decoded.error = decode(argument, format, message, core.options.decode);
  if (!decoded.error.empty()) {
    decoded.status = call_status::bad_request;
  } else {
    decoded.call = std::move(message);
  }
  return decoded;
}

/// What an actor says of a call: that the caller is wrong, or that it could not be done now.
call_answer refusal(const caf::error& why) {
  call_answer answer;
  answer.status =
      why == caf::sec::invalid_argument ? call_status::bad_request : call_status::unavailable;
  answer.error = bridge::error_text(why);
  return answer;
}

asio::awaitable<call_answer> get_targets(std::shared_ptr<server_core> core,
                                         get_targets_request request, wire_format format,
                                         std::string peer, bool own_connection) {
  call_answer result;
  auto process = !request.process.empty() ? std::move(request.process)
                 : own_connection         ? peer
                                          : std::string{};
  caf::anon_send(
      core->actors.registry,
      agent_seen{{request.local_region, request.local_ip}, std::move(peer), std::move(process)});
  auto answer =
      co_await bridge::ask<targets_answer>(core->actors.gateway, core->actors.target_pool,
                                           core->options.answer_timeout, std::move(request));
  if (!answer) {
    co_return refusal(answer.error());
  }
  if (!*answer) {
    result.status = call_status::unavailable;
    result.error = "no target list";
    co_return result;
  }
  result.body = core->lists.get(*answer, format);
  co_return result;
}

asio::awaitable<call_answer> push(std::shared_ptr<server_core> core, push_request request,
                                  wire_format format) {
  call_answer result;
  auto answer = co_await bridge::ask<push_response>(
      core->actors.gateway, core->actors.journal, core->options.answer_timeout, std::move(request));
  if (!answer) {
    co_return refusal(answer.error());
  }
  auto bytes = std::make_shared<std::string>();
  encode(*answer, format, *bytes);
  result.body = std::move(bytes);
  co_return result;
}

asio::awaitable<call_answer> push_batch(std::shared_ptr<server_core> core,
                                        push_batch_request request, wire_format format) {
  call_answer result;
  auto answer = co_await bridge::ask<push_batch_response>(
      core->actors.gateway, core->actors.journal, core->options.answer_timeout, std::move(request));
  if (!answer) {
    co_return refusal(answer.error());
  }
  auto bytes = std::make_shared<std::string>();
  encode(*answer, format, *bytes);
  result.body = std::move(bytes);
  co_return result;
}

/// What cannot be told apart by its name and number is refused before it reaches the journal.
decoded_call check_batch(push_batch_request request) {
  batch_header header;
  const auto problem = read_batch_header(*request.bytes, header);
  if (!problem.empty()) {
    return {call_status::bad_request, "the batch cannot be read: " + problem, {}};
  }
  return {call_status::ok, {}, std::move(request)};
}

} // namespace

decoded_call decode_batch_call(std::string_view bytes) {
  return check_batch({std::make_shared<const std::string>(bytes)});
}

shared_bytes encoded_lists::get(const targets_answer& answer, wire_format format) {
  const std::pair key{answer.get(), format};
  const auto found = entries_.find(key);
  if (found != entries_.end() && found->second.answer.lock() == answer) {
    return found->second.bytes;
  }
  auto bytes = std::make_shared<std::string>();
  encode(*answer, format, *bytes);
  const bool is_short = answer->targets.empty() && answer->base_revision.empty();
  if (is_short || bytes->size() > max_cached_bytes) {
    return bytes;
  }
  std::erase_if(entries_, [this](const auto& item) {
    const bool gone = item.second.answer.expired();
    bytes_ -= gone ? item.second.bytes->size() : 0;
    return gone;
  });
  if (bytes_ + bytes->size() > max_cached_bytes) {
    entries_.clear();
    bytes_ = 0;
  }
  bytes_ += bytes->size();
  entries_[key] = {answer, bytes};
  return bytes;
}

decoded_call decode_call(const server_core& core, std::string_view method,
                         std::string_view argument, wire_format format) {
  if (method == methods::push_results) {
    return decode_as<push_request>(core, argument, format);
  }
  if (method == methods::push_batch) {
    push_batch_request request;
    auto problem = decode(argument, format, request, core.options.decode);
    if (!problem.empty()) {
      return {call_status::bad_request, std::move(problem), {}};
    }
    return check_batch(std::move(request));
  }
  if (method != methods::get_targets) {
    return {call_status::unknown_method, unknown_method_text(method), {}};
  }
  auto decoded = decode_as<get_targets_request>(core, argument, format);
  const auto& request = std::get<get_targets_request>(decoded.call);
  for (const auto* text : {&request.local_region, &request.local_ip, &request.process}) {
    if (text->size() > longest_identity) {
      return {call_status::bad_request,
              "localRegion, localIp and process have at most " + std::to_string(longest_identity) +
                  " bytes",
              {}};
    }
  }
  return decoded;
}

asio::awaitable<call_answer> perform(std::shared_ptr<server_core> core, service_call call,
                                     wire_format format, std::string peer, bool own_connection) {
  if (auto* request = std::get_if<push_request>(&call)) {
    co_return co_await push(std::move(core), std::move(*request), format);
  }
  if (auto* request = std::get_if<push_batch_request>(&call)) {
    co_return co_await push_batch(std::move(core), std::move(*request), format);
  }
  co_return co_await get_targets(std::move(core), std::move(std::get<get_targets_request>(call)),
                                 format, std::move(peer), own_connection);
}

bool may_call(const server_core& core, bool client_verified, std::string_view authorization) {
  return core.token.empty() || client_verified || bearer_matches(authorization, core.token);
}

} // namespace xprober::rpc
