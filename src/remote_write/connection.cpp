#include <algorithm>
#include <ctime>
#include <utility>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "receiver.hpp"
#include "xprober/base/read_file.hpp"
#include "xprober/base/version.hpp"
#include "xprober/domain/base64.hpp"
#include "xprober/domain/time_text.hpp"
#include "xprober/net/connect.hpp"
#include "xprober/net/tls.hpp"

namespace xprober::remote_write {

namespace {

namespace http = boost::beast::http;
using boost::system::error_code;
using response_parser = http::response_parser<http::string_body>;

constexpr std::size_t read_size = 16 * 1024;
constexpr std::size_t longest_answer = 256 * 1024;
constexpr std::size_t longest_text = 300; ///< of an answer, in logs
constexpr std::chrono::seconds longest_wait{3600};

std::string read_secret(const char* key, const std::string& file) {
  auto secret = read_secret_file("remote_write." + std::string{key}, file);
  if (!secret.ok()) {
    throw net::setup_error(secret.error);
  }
  return std::move(secret.text);
}

/// The beginning of a body, on one line.
std::string excerpt(std::string text) {
  text.resize(std::min(text.size(), longest_text));
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return text;
}

} // namespace

std::string public_url(const std::string& url) {
  auto shown = url;
  take_user_info(shown);
  return shown;
}

std::optional<std::chrono::seconds> parse_retry_after(std::string_view text, std::time_t now) {
  if (text.empty()) {
    return std::nullopt;
  }
  const bool digits =
      std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (digits) {
    return text.size() > 6
               ? longest_wait
               : std::min(longest_wait, std::chrono::seconds{std::stol(std::string{text})});
  }
  const auto date = parse_http_date(text);
  return date ? std::optional{std::clamp(std::chrono::seconds{*date - now}, std::chrono::seconds{0},
                                         longest_wait)}
              : std::nullopt;
}

remote_connection::remote_connection(asio::io_context& io, const remote_write_config& config)
    : io_(io), config_(config), resolver_(io.get_executor()) {
  auto url = config.url;
  credentials_ = take_user_info(url).value_or("");
  std::string error;
  const auto server = net::parse_endpoint(url, error);
  if (!server || server->kind != net::transport::http) {
    throw net::setup_error("remote_write: " + url + " is no http or https URL");
  }
  server_ = *server;
  if (server_.tls) {
    rpc_config trust;
    trust.ca_file = config.ca_file;
    tls_ = net::client_tls(trust);
    if (config.insecure_skip_verify) {
      tls_->set_verify_mode(asio::ssl::verify_none);
    }
  }
}

std::string remote_connection::own_headers() const {
  std::string head;
  if (!config_.bearer_token_file.empty()) {
    head += "Authorization: Bearer " + read_secret("bearer_token_file", config_.bearer_token_file) +
            "\r\n";
  } else if (!config_.basic_auth.username.empty() || !credentials_.empty()) {
    const auto& basic = config_.basic_auth;
    auto pair = credentials_;
    if (!basic.username.empty()) {
      pair = basic.username + ":" +
             (basic.password_file.empty()
                  ? basic.password
                  : read_secret("basic_auth.password_file", basic.password_file));
    }
    head += "Authorization: Basic " + base64(pair) + "\r\n";
  }
  for (const auto& [name, value] : config_.headers) {
    head += name + ": " + value + "\r\n";
  }
  return head;
}

asio::awaitable<dns::resolve_answer> remote_connection::resolve() {
  struct waiter {
    asio::steady_timer timer;
    std::optional<dns::resolve_answer> answer;
  };
  auto waiting = std::make_shared<waiter>(waiter{asio::steady_timer{io_}, {}});
  waiting->timer.expires_after(config_.timeout);
  abort_ = [waiting] { waiting->timer.cancel(); };
  const auto ticket = resolver_.resolve(server_.where.host, ip_family::ip4,
                                        [waiting](const dns::resolve_answer& answer) {
                                          waiting->answer = answer;
                                          waiting->timer.cancel();
                                        });
  error_code ignored;
  co_await waiting->timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  abort_ = nullptr;
  if (waiting->answer) {
    co_return *waiting->answer;
  }
  dns::resolve_answer late;
  late.error = probe_error::resolve_timeout;
  late.detail = server_.where.host + ": the name was not resolved in time";
  co_return late;
}

asio::awaitable<std::string> remote_connection::open_to(net::tcp::endpoint to) {
  net::tcp::socket socket{io_};
  abort_ = [&socket] {
    error_code ignored;
    socket.close(ignored);
  };
  const auto error = co_await net::connect_tcp(socket, to, config_.timeout);
  abort_ = nullptr;
  if (error) {
    co_return error == asio::error::timed_out ? std::string{"no connection in time"}
                                              : error.message();
  }
  std::shared_ptr<net::stream> made = server_.tls ? net::tls_stream(std::move(socket), *tls_)
                                                  : net::plain_stream(std::move(socket));
  abort_ = [made] { made->close(); };
  const auto problem = co_await made->handshake_as_client(server_.where.host, config_.timeout);
  abort_ = nullptr;
  if (problem.empty()) {
    stream_ = made;
  }
  co_return problem;
}

asio::awaitable<std::string> remote_connection::open() {
  const auto found = co_await resolve();
  if (found.error != probe_error::none) {
    co_return found.detail;
  }
  std::string problem = "the name has no address";
  for (const auto& address : found.addresses) {
    const net::tcp::endpoint to{address, server_.where.port};
    problem = co_await open_to(to);
    if (problem.empty() || closed_) {
      break;
    }
  }
  co_return problem;
}

asio::awaitable<write_answer> remote_connection::read_answer() {
  response_parser parser;
  parser.body_limit(longest_answer);
  parser.eager(true);
  std::string input;
  error_code error;
  while (!parser.is_done() && !error) {
    const auto before = input.size();
    input.resize(before + read_size);
    const auto got =
        co_await stream_->read_some(asio::buffer(&input[before], read_size), config_.timeout);
    input.resize(before + got.bytes);
    if (got.error == asio::error::eof && parser.got_some()) {
      parser.put_eof(error);
      break;
    }
    if (got.error) {
      error = got.error;
      break;
    }
    const auto used = parser.put(asio::buffer(input), error);
    input.erase(0, used);
    if (error == http::error::need_more) {
      error = {};
    }
  }
  write_answer answer;
  // Of an answer that is too long the status is enough.
  if (!parser.is_header_done() || (error && error != http::error::body_limit)) {
    answer.text = net::is_disconnect(error) ? "the connection was closed" : error.message();
    stream_.reset();
    co_return answer;
  }
  const bool keep = !error && parser.is_done() && parser.get().keep_alive();
  const auto& response = parser.get();
  answer.status = response.result_int();
  answer.text = "HTTP " + std::to_string(answer.status) + ": " + excerpt(response.body());
  const auto wait = response[http::field::retry_after];
  answer.retry_after =
      parse_retry_after(std::string_view{wait.data(), wait.size()}, std::time(nullptr));
  if (!keep) {
    stream_->close();
    stream_.reset();
  }
  co_return answer;
}

asio::awaitable<write_answer> remote_connection::post(const std::string& body) {
  write_answer failed;
  std::string own;
  try {
    own = own_headers();
  } catch (const net::setup_error& error) {
    failed.text = error.what();
  }
  if (!failed.text.empty()) {
    co_return failed;
  }
  if (stream_ && !stream_->reusable()) {
    stream_->close();
    stream_.reset();
  }
  if (!stream_) {
    failed.text = co_await open();
    if (!stream_ || closed_) {
      co_return failed;
    }
  }
  const auto path = server_.base_path.empty() ? std::string{"/"} : server_.base_path;
  const auto head = "POST " + path + " HTTP/1.1\r\nHost: " + to_string(server_.where) +
                    "\r\nUser-Agent: xprober/" + version +
                    "\r\nContent-Type: application/x-protobuf\r\nContent-Encoding: snappy"
                    "\r\nX-Prometheus-Remote-Write-Version: 0.1.0\r\n" +
                    own + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  auto held = stream_;
  abort_ = [held] { held->close(); };
  std::vector<asio::const_buffer> parts{asio::buffer(head), asio::buffer(body)};
  co_await held->write(std::move(parts), config_.timeout);
  // Also where writing failed: a receiver may refuse a body before it has read it.
  auto answer = co_await read_answer();
  abort_ = nullptr;
  co_return answer;
}

void remote_connection::close() {
  closed_ = true;
  if (abort_) {
    abort_();
  }
  if (stream_) {
    stream_->close();
  }
  resolver_.stop();
}

} // namespace xprober::remote_write
