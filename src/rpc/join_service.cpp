#include "xprober/rpc/join_desk.hpp"

#include <charconv>
#include <chrono>
#include <exception>
#include <optional>

#include <nlohmann/json.hpp>

#include "server_core.hpp"
#include "xprober/base/log.hpp"
#include "xprober/domain/join_book.hpp"
#include "xprober/domain/label_text.hpp"
#include "xprober/net/router.hpp"

namespace xprober::rpc {

namespace {

namespace http = boost::beast::http;
using nlohmann::json;

constexpr std::string_view nobody_joins =
    "agents cannot join here: rpc.join_ca_file and rpc.join_key_file of the server's file are not "
    "set";
constexpr std::string_view joins_over_tls = "agents join over TLS alone: use https://";
constexpr std::string_view tried_to_join_too_often =
    "too many attempts to join have failed from there; try again in a minute";
constexpr std::string_view renewed_too_often =
    "this certificate was asked to be renewed too often; try again in a minute";

/// A text of a JSON object; false where it is something else than a text, or missing.
bool take_text(const json& document, const char* name, std::string& out) {
  const auto found = document.find(name);
  if (found == document.end() || !found->is_string()) {
    return false;
  }
  out = found->get<std::string>();
  return true;
}

/// Invalid UTF-8 is replaced: a sentence may have what the other side has sent.
std::string json_body(const json& document) {
  return document.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// A token that is no good: few are, and each is in the log.
net::http_response refuse_join(server_core& core, const net::request_context& context,
                               const std::string& why) {
  ++core.counters.refused;
  core.join_attempts.failed(net::peer_of(context.peer), monotonic_clock::now());
  log::warn("rpc", "an agent may not join", {{"peer", context.peer}, {"error", why}});
  return net::error_response(http::status::forbidden, why);
}

net::http_response refuse_renewal(server_core& core, const net::request_context& context,
                                  const std::string& why) {
  ++core.counters.refused;
  core.renewal_log.warn(context.peer, "an agent's certificate is not renewed", why);
  return net::error_response(http::status::forbidden, why);
}

/// Has the desk do something on the thread for that.
template <class Work>
asio::awaitable<std::invoke_result_t<Work&>> at_the_desk(std::shared_ptr<server_core> core,
                                                         Work work) {
  const auto thread = core->options.work;
  if (!thread) {
    co_return work();
  }
  co_return co_await thread->run(std::move(work));
}

/// An answer of the desk, or why there is none.
struct desk_outcome {
  join_answer answer;
  std::string failure; ///< of this server's own
};

template <class Work>
desk_outcome tried(Work work) {
  try {
    return {work(), {}};
  } catch (const std::exception& problem) {
    return {{}, problem.what()};
  }
}

net::http_response told(server_core& core, const std::shared_ptr<join_desk>& desk,
                        const net::request_context& context, desk_outcome outcome,
                        bool is_renewal) {
  auto& answer = outcome.answer;
  if (!outcome.failure.empty()) {
    log::error("rpc", "no certificate can be given to an agent",
               {{"peer", context.peer}, {"error", outcome.failure}});
    return net::busy_response("the server cannot write down who joins; its log says why");
  }
  if (answer.grants && core.join == desk) { // else a reload has brought another
    core.joined = answer.grants;
  }
  if (!answer.refusal.empty()) {
    return is_renewal ? refuse_renewal(core, context, answer.refusal)
                      : refuse_join(core, context, answer.refusal);
  }
  log::info("rpc", is_renewal ? "an agent's certificate was renewed" : "an agent has joined",
            {{"agent", answer.name}, {"peer", context.peer}});
  return net::json_response(http::status::ok, join_answer_text(answer));
}

/// Counts the request and reads it; the answer where it goes no further.
std::optional<net::http_response> read_wish(server_core& core, const net::http_request& request,
                                            join_request& wish) {
  ++core.counters.requests;
  if (!core.join) { // since its head was judged
    return net::error_response(http::status::not_found, nobody_joins);
  }
  if (const auto wrong = read_join_request(request.body(), wish); !wrong.empty()) {
    return net::error_response(http::status::bad_request, wrong);
  }
  return std::nullopt;
}

asio::awaitable<net::http_response> serve_join(std::shared_ptr<server_core> core,
                                               const net::http_request& request,
                                               net::request_context context) {
  join_request wish;
  auto refused = read_wish(*core, request, wish);
  if (refused) {
    co_return std::move(*refused);
  }
  const auto desk = core->join;
  auto work = [desk, wish = std::move(wish)] { return tried([&] { return desk->join(wish); }); };
  auto outcome = co_await at_the_desk(core, std::move(work));
  co_return told(*core, desk, context, std::move(outcome), false);
}

asio::awaitable<net::http_response> serve_renewal(std::shared_ptr<server_core> core,
                                                  const net::http_request& request,
                                                  net::request_context context) {
  join_request wish;
  auto refused = read_wish(*core, request, wish);
  if (refused) {
    co_return std::move(*refused);
  }
  const auto desk = core->join;
  auto work = [desk, name = context.client_name, asked = std::move(wish.request)] {
    return tried([&] { return desk->renew(name, asked); });
  };
  auto outcome = co_await at_the_desk(core, std::move(work));
  co_return told(*core, desk, context, std::move(outcome), true);
}

asio::awaitable<net::http_response> serve_authority(std::shared_ptr<server_core> core) {
  const auto desk = core->join;
  co_return desk ? net::text_response(http::status::ok, desk->authority(), "application/x-pem-file")
                 : net::error_response(http::status::not_found, nobody_joins);
}

std::string_view path_of(const net::http_request& head) {
  const auto target = head.target();
  const std::string_view text{target.data(), target.size()};
  return text.substr(0, text.find('?'));
}

/// Whether there is a body of a length that was named, which is short enough; what is sent in
/// chunks names none.
bool names_short_body(const net::http_request& head) {
  const auto text = head[http::field::content_length];
  std::size_t length = 0;
  const auto* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, length);
  return head[http::field::transfer_encoding].empty() && read.ec == std::errc{} &&
         read.ptr == end && length <= longest_join_request;
}

net::http_response too_often(std::string_view why) {
  auto late = net::error_response(http::status::too_many_requests, why);
  late.set(http::field::retry_after,
           std::to_string(std::chrono::seconds{net::attempt_limit::window}.count()));
  return late;
}

bool has_body(const net::http_request& head) {
  return !head[http::field::content_length].empty() ||
         !head[http::field::transfer_encoding].empty();
}

} // namespace

std::string join_request_text(const join_request& wish) {
  return json_body({{"token", wish.token},
                    {"region", wish.region},
                    {"host", wish.host},
                    {"request", wish.request}});
}

std::string read_join_request(const std::string& body, join_request& out) {
  const auto document = json::parse(body, nullptr, false);
  if (!document.is_object() || !take_text(document, "request", out.request)) {
    return R"(the body must be {"token": "...", "request": "..."} in JSON, with a request for a )"
           "certificate in PEM form";
  }
  take_text(document, "token", out.token);
  take_text(document, "region", out.region);
  take_text(document, "host", out.host);
  return {};
}

std::string join_answer_text(const join_answer& answer) {
  return json_body(
      {{"name", answer.name}, {"certificate", answer.certificate}, {"regions", answer.regions}});
}

std::string read_join_answer(const std::string& body, join_answer& out) {
  const auto document = json::parse(body, nullptr, false);
  if (!document.is_object() || !take_text(document, "certificate", out.certificate)) {
    return "the server has answered with something else than a certificate";
  }
  take_text(document, "name", out.name);
  if (!is_joined_name(out.name)) {
    return "the server has answered with a certificate, and with no name of an agent";
  }
  const auto regions = document.find("regions");
  if (regions != document.end() && regions->is_array()) {
    for (const auto& region : *regions) {
      if (region.is_string() && is_region_name(region.get_ref<const std::string&>())) {
        out.regions.push_back(region.get<std::string>());
      }
    }
  }
  return {};
}

bool is_join_path(const net::http_request& head) {
  const auto path = path_of(head);
  return path == join_paths::authority || path == join_paths::join || path == join_paths::renew;
}

std::optional<net::http_response> judge_join_call(server_core& core, const net::http_request& head,
                                                  const net::request_context& context) {
  if (!core.join) {
    return net::error_response(http::status::not_found, nobody_joins);
  }
  if (!context.secure) {
    return net::error_response(http::status::forbidden, joins_over_tls);
  }
  if (path_of(head) == join_paths::authority && !has_body(head)) {
    return std::nullopt;
  }
  const bool renews = path_of(head) == join_paths::renew;
  if (!renews && !core.join_attempts.may_try(net::peer_of(context.peer), monotonic_clock::now())) {
    return too_often(tried_to_join_too_often);
  }
  if (!names_short_body(head)) {
    return net::error_response(http::status::payload_too_large,
                               "a request to join names its Content-Length, which is at most " +
                                   std::to_string(longest_join_request));
  }
  if (renews && !context.client_verified) {
    return refuse_renewal(core, context,
                          "who renews a certificate shows the one it has; join with 'xprober agent "
                          "join'");
  }
  if (renews && !core.renewals.take(net::peer_of(context.peer), monotonic_clock::now(),
                                    context.client_name)) {
    ++core.counters.refused;
    return too_often(renewed_too_often);
  }
  return std::nullopt;
}

void add_join_routes(net::router& routes, const std::shared_ptr<server_core>& core) {
  routes.get(join_paths::authority, [core](const net::http_request&, const net::request_context&) {
    return serve_authority(core);
  });
  routes.post(join_paths::join,
              [core](const net::http_request& request, net::request_context context) {
                return serve_join(core, request, std::move(context));
              });
  routes.post(join_paths::renew,
              [core](const net::http_request& request, net::request_context context) {
                return serve_renewal(core, request, std::move(context));
              });
}

asio::awaitable<void> look_who_joined(std::shared_ptr<server_core> core) {
  const auto desk = core->join;
  if (!desk || !core->options.work) {
    co_return;
  }
  auto work = [desk] {
    return tried([&] {
      join_answer answer;
      answer.grants = desk->refresh();
      return answer;
    });
  };
  const auto outcome = co_await core->options.work->run(std::move(work));
  if (outcome.failure != core->join_problem) {
    core->join_problem = outcome.failure;
    if (!outcome.failure.empty()) {
      log::error("rpc", "who has joined cannot be read; what was read before counts on",
                 {{"error", outcome.failure}});
    }
  }
  if (outcome.answer.grants && core->join == desk) {
    core->joined = outcome.answer.grants;
  }
}

} // namespace xprober::rpc
