#include "server_core.hpp"

#include "xprober/bridge/ask.hpp"
#include "xprober/domain/label_text.hpp"
#include "xprober/domain/wire/batch.hpp"
#include "xprober/domain/wire/sentence.hpp"
#include "xprober/net/peer_key.hpp"
#include "xprober/rpc/envelope.hpp"
#include "xprober/rpc/token.hpp"

namespace xprober::rpc {

namespace {

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

/// What tells the caller's process from others, see `caller`.
std::string process_of(std::string said, const std::string& peer, bool own_connection) {
  if (!said.empty()) {
    return said;
  }
  return own_connection ? peer : std::string{};
}

asio::awaitable<call_answer> get_targets(std::shared_ptr<server_core> core,
                                         get_targets_request request, wire_format format,
                                         std::string peer, bool own_connection) {
  call_answer result;
  auto process = process_of(std::move(request.process), peer, own_connection);
  caf::anon_send(core->actors.registry, agent_seen{{request.local_region, request.local_ip},
                                                   std::move(peer),
                                                   std::move(process),
                                                   std::exchange(request.about, {})});
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
  result.body = co_await core->lists.get(*answer, format, core->options.work);
  co_return result;
}

/// What one actor makes of a request as it came.
template <class Answer, class Handle, class Request>
asio::awaitable<call_answer> ask_one(std::shared_ptr<server_core> core, Handle actor,
                                     Request request, wire_format format) {
  call_answer result;
  auto answer = co_await bridge::ask<Answer>(core->actors.gateway, actor,
                                             core->options.answer_timeout, std::move(request));
  if (!answer) {
    co_return refusal(answer.error());
  }
  auto bytes = std::make_shared<std::string>();
  encode(*answer, format, *bytes);
  result.body = std::move(bytes);
  co_return result;
}

asio::awaitable<call_answer> leave(std::shared_ptr<server_core> core, leave_request request,
                                   wire_format format, std::string peer, bool own_connection) {
  call_answer result;
  agent_gone gone;
  gone.process = process_of(std::move(request.process), peer, own_connection);
  gone.agent = {std::move(request.local_region), std::move(request.local_ip)};
  const auto known = co_await bridge::ask<bool>(core->actors.gateway, core->actors.registry,
                                                core->options.answer_timeout, std::move(gone));
  if (!known) {
    co_return refusal(known.error());
  }
  auto bytes = std::make_shared<std::string>();
  encode(leave_response{*known}, format, *bytes);
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

/// Answers of an agent are bounded, and what it says to people is clean.
decoded_call check_replies(decoded_call decoded) {
  auto* request = std::get_if<questions_request>(&decoded.call);
  if (decoded.status != call_status::ok || request == nullptr) {
    return decoded;
  }
  if (request->replies.size() > most_questions) {
    return {call_status::bad_request,
            "replies has at most " + std::to_string(most_questions) + " items",
            {}};
  }
  for (auto& reply : request->replies) {
    if (reply.body.size() > most_reply_bytes) {
      return {call_status::bad_request,
              "replies: a body has at most " + std::to_string(most_reply_bytes) + " bytes",
              {}};
    }
    reply.problem = clean_sentence(reply.problem);
  }
  return decoded;
}

/// What one request may have is bounded: each certificate costs its reading, and each sighting a
/// place.
decoded_call check_chains(const server_core& core, decoded_call decoded) {
  const auto* request = std::get_if<chains_request>(&decoded.call);
  if (decoded.status != call_status::ok || request == nullptr) {
    return decoded;
  }
  if (!core.actors.chains) {
    return {call_status::unknown_method, unknown_method_text(methods::chains), {}};
  }
  auto problem = chains_problem(*request);
  return problem.empty() ? std::move(decoded)
                         : decoded_call{call_status::bad_request, std::move(problem), {}};
}

/// A call is refused whose caller has a longer name than anybody can have.
template <class Message>
decoded_call of_identity(decoded_call decoded) {
  const auto* request = std::get_if<Message>(&decoded.call);
  if (decoded.status != call_status::ok || request == nullptr) {
    return decoded;
  }
  for (const auto* text : {&request->local_region, &request->local_ip, &request->process}) {
    if (text->size() > longest_identity) {
      return {call_status::bad_request,
              "localRegion, localIp and process have at most " + std::to_string(longest_identity) +
                  " bytes",
              {}};
    }
  }
  return decoded;
}

} // namespace

decoded_call decode_batch_call(std::string_view bytes) {
  return check_batch({std::make_shared<const std::string>(bytes)});
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
  if (method == methods::leave) {
    return of_identity<leave_request>(decode_as<leave_request>(core, argument, format));
  }
  if (method == methods::questions) {
    return check_replies(
        of_identity<questions_request>(decode_as<questions_request>(core, argument, format)));
  }
  if (method == methods::chains) {
    return check_chains(
        core, of_identity<chains_request>(decode_as<chains_request>(core, argument, format)));
  }
  if (method != methods::get_targets) {
    return {call_status::unknown_method, unknown_method_text(method), {}};
  }
  auto decoded =
      of_identity<get_targets_request>(decode_as<get_targets_request>(core, argument, format));
  if (auto* request = std::get_if<get_targets_request>(&decoded.call)) {
    clean_report(request->about);
  }
  return decoded;
}

asio::awaitable<call_answer> perform(std::shared_ptr<server_core> core, service_call call,
                                     wire_format format, std::string peer, bool own_connection) {
  if (auto* request = std::get_if<push_request>(&call)) {
    co_return co_await ask_one<push_response>(core, core->actors.journal, std::move(*request),
                                              format);
  }
  if (auto* request = std::get_if<push_batch_request>(&call)) {
    co_return co_await ask_one<push_batch_response>(core, core->actors.journal, std::move(*request),
                                                    format);
  }
  if (auto* request = std::get_if<questions_request>(&call)) {
    co_return co_await ask_one<questions_response>(core, core->actors.target_pool,
                                                   std::move(*request), format);
  }
  if (auto* request = std::get_if<chains_request>(&call)) {
    if (request->holder.empty()) {
      request->holder = net::peer_name(peer);
    }
    co_return co_await ask_one<chains_response>(core, core->actors.chains, std::move(*request),
                                                format);
  }
  if (auto* request = std::get_if<leave_request>(&call)) {
    co_return co_await leave(std::move(core), std::move(*request), format, std::move(peer),
                             own_connection);
  }
  co_return co_await get_targets(std::move(core), std::move(std::get<get_targets_request>(call)),
                                 format, std::move(peer), own_connection);
}

grant_ptr grant_for(const server_core& core, bool client_verified, std::string_view certificate,
                    std::string_view authorization) {
  static const auto everybodys = std::make_shared<const agent_grant>("rpc.token_file");
  const bool has_token = !core.token.empty() && bearer_matches(authorization, core.token);
  if (!core.is_bound()) {
    return core.token.empty() || client_verified || has_token ? everybodys : nullptr;
  }
  const grant_ptr* joined = nullptr;
  if (client_verified && core.joined) {
    const auto entry = core.joined->find(certificate);
    joined = entry == core.joined->end() ? nullptr : &entry->second;
  }
  const bool is_revoked = joined != nullptr && !*joined;
  const auto shown = client_verified && !is_revoked ? certificate : std::string_view{};
  auto found = has_token ? everybodys : core.access.find(authorization, shown);
  if (!found && joined != nullptr) {
    found = *joined;
  }
  return found;
}

namespace {

/// Nobody holds this credential any more: an agent that was revoked has joined again, and is known
/// by another certificate.
bool has_ended(const server_core& core, std::string_view credential) {
  constexpr std::string_view begin = "certificate ";
  return credential.starts_with(begin) &&
         !grant_for(core, true, credential.substr(begin.size()), {});
}

} // namespace

std::string why_forbidden(server_core& core, const grant_ptr& grant, service_call& call) {
  if (!core.is_bound()) {
    return {};
  }
  if (auto* batch = std::get_if<push_batch_request>(&call)) {
    batch_header header; // was read before
    read_batch_header(*batch->bytes, header);
    batch->grant = grant;
    if (const auto* owner = core.owners.owner(header.instance);
        owner != nullptr && *owner != grant->credential() && has_ended(core, *owner)) {
      core.owners.hand_over(header.instance, grant->credential());
    }
    return core.owners.claim(header.instance, grant->credential())
               ? std::string{}
               : "the instance " + to_text(header.instance) +
                     " is that of another credential's "
                     "agent";
  }
  if (const auto* request = std::get_if<get_targets_request>(&call)) {
    return grant->why_not(request->local_region, request->local_ip);
  }
  if (const auto* request = std::get_if<leave_request>(&call)) {
    return grant->why_not(request->local_region, request->local_ip);
  }
  if (const auto* request = std::get_if<questions_request>(&call)) {
    return grant->why_not(request->local_region, request->local_ip);
  }
  if (auto* request = std::get_if<chains_request>(&call)) {
    request->holder = grant->is_for_all() ? std::string{} : grant->credential();
    return grant->why_not(request->local_region, request->local_ip);
  }
  const wire_value* last = nullptr;
  for (const auto& value : std::get<push_request>(call).values) {
    const bool is_new = last == nullptr || last->source_region != value.source_region ||
                        last->worker_name != value.worker_name;
    if (is_new) {
      if (auto why = grant->why_not(value.source_region, value.worker_name); !why.empty()) {
        return why;
      }
    }
    last = &value;
  }
  return {};
}

} // namespace xprober::rpc
