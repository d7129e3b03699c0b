#include "xprober/net/http_client.hpp"

#include <algorithm>

#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/error.hpp>

#include "xprober/base/version.hpp"
#include "xprober/domain/ascii.hpp"

namespace xprober::net {

namespace {

using boost::system::error_code;

constexpr std::size_t answer_read_size = 64 * 1024;

http_answer failed(http_fault fault, std::string error) {
  http_answer answer;
  answer.fault = fault;
  answer.error = std::move(error);
  return answer;
}

/// What an error of a connection means for the request on it.
http_answer failed(const error_code& error, bool begun) {
  if (error == boost::beast::error::timeout) {
    return failed(http_fault::late,
                  begun ? "no answer in time, only a part of one" : "no answer in time");
  }
  return failed(http_fault::lost,
                is_disconnect(error) ? "the server closed the connection" : error.message());
}

/// Nothing in a request may end its line or its head.
std::string problem_of(const http_request_parts& parts) {
  const auto bad = [](char c) { return ascii::is_control(c) && c != '\t'; };
  if (!ascii::is_token(parts.method)) {
    return "the HTTP method is not valid";
  }
  if (!parts.target.starts_with('/') ||
      std::ranges::any_of(parts.target, [&](char c) { return bad(c) || c == ' ' || c == '\t'; })) {
    return "the path holds a blank or a control character, or does not begin with /";
  }
  for (const auto& [name, value] : parts.headers) {
    if (!ascii::is_token(name) || std::ranges::any_of(value, bad)) {
      return "the header " + (ascii::is_token(name) ? name : std::string{"without a name"}) +
             " holds a control character";
    }
  }
  return {};
}

std::string head_of(const http_request_parts& parts, const std::string& host) {
  std::string head = parts.method + " " + parts.target + " HTTP/1.1\r\nHost: " + host +
                     "\r\nUser-Agent: xprober/" + version + "\r\n";
  for (const auto& [name, value] : parts.headers) {
    head.append(name).append(": ").append(value).append("\r\n");
  }
  // RFC 9110, section 8.6: methods that expect content say that there is none.
  if (!parts.body.empty() || parts.method == "POST" || parts.method == "PUT") {
    head += "Content-Length: " + std::to_string(parts.body.size()) + "\r\n";
  }
  return head + (parts.close ? "Connection: close\r\n\r\n" : "\r\n");
}

} // namespace

std::string http_origin::host_header() const {
  auto named = server;
  // A zone is a matter of this machine (RFC 6874, section 4).
  named.host.resize(std::min(named.host.find('%'), named.host.size()));
  const auto text = to_string(named);
  return server.port == (secure ? 443 : 80) ? text.substr(0, text.rfind(':')) : text;
}

http_origin origin_of(const url_parts& url) {
  const bool secure = url.scheme == "https";
  return {{url.whole_host(), url.port.value_or(static_cast<std::uint16_t>(secure ? 443 : 80))},
          secure};
}

std::string target_of(const url_parts& url) {
  auto target = url.target.substr(0, url.target.find('#'));
  return target.starts_with('/') ? target : "/" + target;
}

http_client::http_client(asio::io_context& context, dns::resolver& resolver, http_origin origin,
                         std::shared_ptr<asio::ssl::context> tls)
    : origin_(std::move(origin)) {
  dialer_.emplace(context, resolver, origin_.server, std::move(tls));
}

http_client::http_client(http_origin origin, std::shared_ptr<stream> connection)
    : origin_(std::move(origin)), connection_(std::move(connection)) {}

asio::awaitable<http_answer> http_client::request(http_request_parts parts, monotonic_time until) {
  if (auto problem = problem_of(parts); !problem.empty()) {
    co_return failed(http_fault::unusable, std::move(problem));
  }
  const auto head = head_of(parts, origin_.host_header());
  for (bool again = true;;) {
    if (!connected()) {
      auto opened = co_await open(until);
      if (!opened.ok()) {
        co_return opened;
      }
    }
    const bool kept = std::exchange(answered_, false);
    auto answer = co_await exchange(head, parts.body, parts.limits, until);
    const bool was_closed = answer.fault == http_fault::lost && answer.status == 0;
    if (parts.close) {
      drop();
    }
    again = again && kept && was_closed && parts.repeatable && dialer_;
    if (!again) {
      co_return answer;
    }
  }
}

bool http_client::connected() {
  if (connection_ && answered_ && !connection_->reusable()) {
    drop(); // closed while it was idle
  }
  return connection_ != nullptr;
}

asio::awaitable<http_answer> http_client::open(monotonic_time until) {
  if (stopped_) {
    co_return failed(http_fault::aborted, "given up");
  }
  if (!dialer_) {
    co_return failed(http_fault::lost, "the server closed the connection");
  }
  auto dialled = co_await dialer_->dial(until);
  if (stopped_) {
    co_return failed(http_fault::aborted, "given up");
  }
  answered_ = false;
  connection_ = std::move(dialled.connection);
  co_return connection_ ? http_answer{} : failed(http_fault::unreachable, dialled.error);
}

asio::awaitable<http_answer> http_client::exchange(std::string head, std::string_view body,
                                                   http_limits limits, monotonic_time until) {
  // `drop` and `stop` may come meanwhile.
  const auto held = connection_;
  std::vector<asio::const_buffer> out{asio::buffer(head), asio::buffer(body)};
  const auto written = co_await held->write_until(std::move(out), until);
  // Also where writing failed: a server may refuse a body before it has read it.
  http_answer_reader reader{limits};
  std::vector<char> input(answer_read_size);
  error_code error;
  while (!reader.done() && !error) {
    const auto got = co_await held->read_some(asio::buffer(input), time_left(until));
    reader.feed({input.data(), got.bytes});
    error = got.error;
    if (error == asio::error::eof) {
      reader.end();
    } else if (!error && monotonic_clock::now() >= until) {
      error = boost::beast::error::timeout; // more comes, and could for ever
    }
  }
  auto answer = reader.take();
  if (!reader.done()) {
    const auto status = answer.status;
    answer = failed(written.error ? written.error : error, reader.begun());
    answer.status = status;
  }
  if (stopped_) {
    answer = failed(http_fault::aborted, "given up");
  }
  answered_ = answer.ok() && !written.error && reader.reusable();
  if (!answered_) {
    drop();
  }
  co_return answer;
}

void http_client::drop() {
  if (connection_) {
    connection_->close();
  }
  connection_ = nullptr;
}

void http_client::stop() {
  stopped_ = true;
  if (dialer_) {
    dialer_->stop();
  }
  if (connection_) {
    connection_->close();
  }
}

} // namespace xprober::net
