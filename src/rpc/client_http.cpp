#include "client_core.hpp"

#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <nlohmann/json.hpp>

namespace xprober::rpc {

namespace {

namespace http = boost::beast::http;
using boost::system::error_code;
using response_parser = http::response_parser<http::string_body>;
using http_response = http::response<http::string_body>;

constexpr std::size_t read_size = 64 * 1024;
constexpr std::chrono::seconds write_timeout{30};
/// An error's text is looked for in bodies up to this size.
constexpr std::size_t longest_error_body = 64 * 1024;
constexpr std::size_t longest_error_text = 1024;

/// What a refusal says: `error` of a JSON body, or the status alone.
std::string refusal_text(const http_response& response) {
  std::string text = "HTTP " + std::to_string(response.result_int());
  if (response.body().size() <= longest_error_body) {
    const auto body = nlohmann::json::parse(response.body(), nullptr, false);
    if (body.is_object() && body.contains("error") && body["error"].is_string()) {
      return text + ": " + body["error"].get<std::string>().substr(0, longest_error_text);
    }
  }
  const auto reason = response.reason();
  return text + " " + std::string{reason.data(), reason.size()};
}

wire_format format_of(const http_response& response) {
  const auto type = response[http::field::content_type];
  return std::string_view{type.data(), type.size()}.find("json") == std::string_view::npos
             ? wire_format::msgpack
             : wire_format::json;
}

/// One connection; calls go one after the other.
class link {
public:
  link(std::shared_ptr<client_core> core, endpoint server, std::shared_ptr<net::stream> connection)
      : core_(std::move(core)), server_(std::move(server)), connection_(std::move(connection)) {}

  asio::awaitable<std::string> run() {
    bool keep = true;
    while (keep && reason_.empty() && !core_->stopping) {
      if (!core_->calls.waiting()) {
        co_await core_->wait_change();
      } else if (core_->answered && !connection_->reusable()) {
        keep = false; // closed while idle
      } else {
        keep = co_await make_call();
      }
    }
    connection_->close();
    co_return reason_;
  }

private:
  /// False when the connection cannot be used again.
  asio::awaitable<bool> make_call() {
    const auto next = core_->calls.take();
    // A batch is the body as it is.
    const auto* batch = std::get_if<push_batch_request>(next->request);
    const auto whole = batch ? batch->bytes : nullptr;
    std::string encoded;
    const auto problem = whole ? std::string{} : encode_request(*core_, *next->request, encoded);
    if (!problem.empty()) {
      core_->calls.finish(next->seq, make_error(ec::too_large, problem));
      co_return true;
    }
    const std::string& body = whole ? *whole : encoded;
    const auto type = whole ? batch_media_type : media_type(wire_format::msgpack);
    const auto head = request_head(method_of(*next->request), type, body.size());
    std::vector<asio::const_buffer> parts{asio::buffer(head), asio::buffer(body)};
    const auto written = co_await connection_->write(std::move(parts), write_timeout);
    // A server that refuses a large body answers before it has read it all.
    response_parser parser;
    parser.body_limit(core_->options.frame.max_bytes);
    const auto error = co_await read_response(parser);
    if (error) {
      const auto& first = written.error ? written.error : error;
      reason_ = first == http::error::body_limit ? "an answer is above the size limit"
                : net::is_disconnect(first)      ? "the server closed the connection"
                                                 : first.message();
      co_return false;
    }
    const auto response = parser.release();
    complete(next->seq, response);
    co_return response.keep_alive() && !written.error;
  }

  void complete(std::uint32_t seq, const http_response& response) {
    const auto* request = core_->calls.find(seq);
    if (!request) {
      return; // its time was over
    }
    if (response.result_int() < 500) {
      core_->note_answer();
    }
    if (response.result() != http::status::ok) {
      const auto text = refusal_text(response);
      if (response.result_int() >= 500) {
        // The next server of the list may be in better health.
        core_->give_up = text;
        reason_ = text;
      }
      return core_->calls.finish(seq, make_error(ec::remote, server_.text + ": " + text));
    }
    core_->calls.finish(seq, decode_answer(*core_, *request, response.body(), format_of(response),
                                           response.body().size(), server_));
  }

  std::string request_head(std::string_view method, std::string_view type,
                           std::size_t body_size) const {
    std::string head = "POST " + server_.base_path + "/rpc/" + std::string{method} +
                       " HTTP/1.1\r\nHost: " + to_string(server_.where) +
                       "\r\nUser-Agent: xprober\r\nContent-Type: " + std::string{type} +
                       "\r\nAccept: application/msgpack\r\n";
    if (!core_->token.empty()) {
      head += "Authorization: Bearer " + core_->token + "\r\n";
    }
    return head + "Content-Length: " + std::to_string(body_size) + "\r\n\r\n";
  }

  asio::awaitable<error_code> read_response(response_parser& parser) {
    parser.eager(true);
    error_code error;
    while (!parser.is_done()) {
      if (!input_.empty()) {
        const auto used = parser.put(asio::buffer(input_), error);
        input_.erase(0, used);
        if (error && error != http::error::need_more) {
          co_return error;
        }
        if (parser.is_done()) {
          break;
        }
      }
      const auto before = input_.size();
      input_.resize(before + read_size);
      const auto got = co_await connection_->read_some(asio::buffer(&input_[before], read_size),
                                                       core_->options.call_timeout);
      input_.resize(before + got.bytes);
      if (got.error == asio::error::eof && parser.got_some()) {
        error = {};
        parser.put_eof(error);
        co_return error;
      }
      if (got.error) {
        co_return got.error;
      }
    }
    co_return error_code{};
  }

  std::shared_ptr<client_core> core_;
  endpoint server_;
  std::shared_ptr<net::stream> connection_;
  std::string input_;
  std::string reason_;
};

} // namespace

asio::awaitable<std::string> converse_http(std::shared_ptr<client_core> core, endpoint server,
                                           std::shared_ptr<net::stream> connection) {
  link talking{std::move(core), std::move(server), std::move(connection)};
  co_return co_await talking.run();
}

} // namespace xprober::rpc
