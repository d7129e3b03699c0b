#include "client_core.hpp"

#include <boost/asio/use_awaitable.hpp>
#include <nlohmann/json.hpp>

#include "xprober/net/http_client.hpp"

namespace xprober::rpc {

namespace {

/// An error's text is looked for in bodies up to this size.
constexpr std::size_t longest_error_body = 64 * 1024;
constexpr std::size_t longest_error_text = 1024;

/// What a refusal says: `error` of a JSON body, or the status alone.
std::string refusal_text(const net::http_answer& answer) {
  std::string text = "HTTP " + std::to_string(answer.status);
  if (answer.body.size() <= longest_error_body) {
    const auto body = nlohmann::json::parse(answer.body, nullptr, false);
    if (body.is_object() && body.contains("error") && body["error"].is_string()) {
      return text + ": " + body["error"].get<std::string>().substr(0, longest_error_text);
    }
  }
  return text + " " + answer.reason.substr(0, longest_error_text);
}

wire_format format_of(const net::http_answer& answer) {
  return answer.header("Content-Type").find("json") == std::string_view::npos ? wire_format::msgpack
                                                                              : wire_format::json;
}

/// One connection; calls go one after the other.
class http_link {
public:
  http_link(std::shared_ptr<client_core> core, endpoint server,
            std::shared_ptr<net::stream> connection)
      : core_(std::move(core)), server_(std::move(server)),
        client_({server_.where, server_.tls}, std::move(connection)) {}

  asio::awaitable<std::string> run() {
    // A connection that was closed while it was idle ends this without a reason.
    while (reason_.empty() && !core_->stopping && client_.connected()) {
      if (core_->calls.waiting()) {
        co_await make_call();
      } else {
        co_await core_->wait_change();
      }
    }
    client_.stop();
    co_return reason_;
  }

private:
  asio::awaitable<void> make_call() {
    const auto next = core_->calls.take();
    // A batch is the body as it is.
    const auto* batch = std::get_if<push_batch_request>(next->request);
    const auto whole = batch ? batch->bytes : nullptr;
    std::string encoded;
    const auto problem = whole ? std::string{} : encode_request(*core_, *next->request, encoded);
    if (!problem.empty()) {
      core_->calls.finish(next->seq, make_error(ec::too_large, problem));
      co_return;
    }
    net::http_request_parts parts;
    parts.method = "POST";
    parts.target = server_.base_path + "/rpc/" + std::string{method_of(*next->request)};
    parts.headers = {
        {"Content-Type", std::string{whole ? batch_media_type : media_type(wire_format::msgpack)}},
        {"Accept", std::string{media_type(wire_format::msgpack)}}};
    if (!core_->token.empty()) {
      parts.headers.emplace_back("Authorization", "Bearer " + core_->token);
    }
    parts.body = whole ? *whole : encoded;
    parts.limits.max_body = core_->options.frame.max_bytes;
    // The call's own deadline is earlier, and ends the connection.
    const auto until = monotonic_clock::now() + core_->options.call_timeout;
    const auto answer = co_await client_.request(std::move(parts), until);
    if (!answer.ok()) {
      reason_ = answer.error;
      co_return;
    }
    co_await complete(next->seq, answer);
  }

  asio::awaitable<void> complete(std::uint32_t seq, const net::http_answer& answer) {
    const auto* request = core_->calls.find(seq);
    if (!request) {
      co_return; // its time was over
    }
    if (answer.status < 500) {
      core_->note_answer();
    }
    if (answer.status != 200) {
      const auto text = refusal_text(answer);
      if (answer.status >= 500) {
        // The next server of the list may be in better health.
        core_->give_up = text;
        reason_ = text;
      }
      core_->calls.finish(seq, make_error(ec::remote, server_.text + ": " + text));
      co_return;
    }
    const raw_answer raw{request->index(), answer.body, format_of(answer), answer.body.size()};
    auto result = co_await decode_answer(core_, raw, server_);
    core_->calls.finish(seq, std::move(result));
  }

  std::shared_ptr<client_core> core_;
  endpoint server_;
  net::http_client client_;
  std::string reason_;
};

} // namespace

asio::awaitable<std::string> converse_http(std::shared_ptr<client_core> core, endpoint server,
                                           std::shared_ptr<net::stream> connection) {
  http_link talking{std::move(core), std::move(server), std::move(connection)};
  co_return co_await talking.run();
}

} // namespace xprober::rpc
