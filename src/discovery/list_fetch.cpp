#include "xprober/discovery/list_fetch.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <set>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "xprober/base/version.hpp"
#include "xprober/domain/address.hpp"
#include "xprober/domain/ascii.hpp"
#include "xprober/net/connect.hpp"
#include "xprober/net/stream.hpp"
#include "xprober/net/tls.hpp"
#include "xprober/resolver/resolver.hpp"

namespace xprober::service_discovery {

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using clock = std::chrono::steady_clock;
using net::tcp;
using response_parser = http::response_parser<http::string_body>;

constexpr std::size_t read_size = 64 * 1024;
/// For one of several addresses, as much of what is left permits.
constexpr milliseconds min_attempt_time{1000};
constexpr std::uint32_t max_header_bytes = 64 * 1024;

/// What net says of a file names the section of the agents' port; here it is the entry of a URL.
std::string without_section(std::string_view text) {
  constexpr std::string_view section = "rpc.";
  return std::string{text.starts_with(section) ? text.substr(section.size()) : text};
}

std::shared_ptr<asio::ssl::context> make_tls(const target_url_source& source) {
  rpc_config files;
  files.ca_file = source.ca_file;
  files.cert_file = source.cert_file;
  files.key_file = source.key_file;
  auto context = net::client_tls(files);
  if (source.insecure_skip_verify) {
    context->set_verify_mode(asio::ssl::verify_none);
  }
  return context;
}

std::string request_text(const url_parts& url, const host_port& where,
                         const list_request& request) {
  const auto seconds = std::chrono::duration<double>(request.source.refresh_interval).count();
  auto target = url.target.empty() ? std::string{"/"} : url.target;
  if (target.front() == '?') {
    target.insert(0, "/");
  }
  auto interval = std::to_string(seconds);
  interval.erase(interval.find_last_not_of('0') + 1);
  if (interval.back() == '.') {
    interval.pop_back();
  }
  const auto host = to_string(where);
  std::string text = "GET " + target +
                     " HTTP/1.1\r\nHost: " + (url.port ? host : host.substr(0, host.rfind(':'))) +
                     "\r\nUser-Agent: xprober/" + std::string{version} +
                     "\r\nAccept: application/json\r\nConnection: close\r\n"
                     "X-Prometheus-Refresh-Interval-Seconds: " +
                     interval + "\r\n";
  if (!request.authorization.empty()) {
    text += "Authorization: " + request.authorization + "\r\n";
  }
  return text + "\r\n";
}

std::string error_of(const error_code& error) {
  return error == boost::beast::error::timeout || error == asio::error::timed_out
             ? std::string{"no answer in time"}
         : net::is_disconnect(error) ? std::string{"the server closed the connection"}
                                     : error.message();
}

/// What is wrong with an answer; empty where nothing is.
std::string answer_problem(const http::response<http::string_body>& answer) {
  const auto field = [&](http::field name) {
    const auto value = answer[name];
    return std::string{value.data(), std::min<std::size_t>(value.size(), 200)};
  };
  if (answer.result_int() != 200) {
    const auto to = field(http::field::location);
    return "the status is " + std::to_string(answer.result_int()) +
           (to.empty() ? "" : " (to " + to + ", which is not followed)") + "; wanted is 200";
  }
  if (const auto type = field(http::field::content_type); !is_json_type(type)) {
    return (type.empty() ? std::string{"there is no Content-Type"}
                         : "the Content-Type is " + type) +
           "; wanted is application/json";
  }
  if (const auto coding = field(http::field::content_encoding);
      !coding.empty() && coding != "identity") {
    return "the Content-Encoding is " + coding + ", which was not asked for";
  }
  return {};
}

} // namespace

bool is_json_type(std::string_view content_type) noexcept {
  std::string text;
  for (const char c : content_type.substr(0, 256)) {
    if (c != ' ' && c != '\t' && c != '"') {
      text += ascii::lower(c);
    }
  }
  return text == "application/json" || text == "application/json;charset=utf-8";
}

struct list_fetch::impl : std::enable_shared_from_this<list_fetch::impl> {
  explicit impl(asio::io_context& io) : context(io), resolver(io.get_executor()) {}

  /// One request. Its steps give what went wrong, or nothing.
  class exchange {
  public:
    exchange(impl& owner, const list_request& request)
        : owner_(owner), request_(request), until_(clock::now() + request.source.timeout),
          wake_(owner.context) {
      owner_.running.insert(this);
    }
    ~exchange() { owner_.running.erase(this); }
    exchange(const exchange&) = delete;
    exchange& operator=(const exchange&) = delete;

    void abort() {
      until_ = {};
      wake_.cancel();
      error_code ignored;
      if (socket_) {
        socket_->close(ignored);
      }
      if (connection_) {
        connection_->close();
      }
    }

    asio::awaitable<read_text> run() {
      std::string error;
      const auto url = parse_url(request_.source.url, error);
      if (!url) {
        co_return read_text{{}, error};
      }
      const bool secure = url->scheme == "https";
      const host_port where{url->host,
                            url->port.value_or(static_cast<std::uint16_t>(secure ? 443 : 80))};
      error = co_await connect(where, secure);
      if (error.empty() && secure) {
        error = co_await handshake(where.host);
      }
      if (error.empty()) {
        const auto text = request_text(*url, where, request_);
        error = co_await send(text);
      }
      response_parser parser;
      parser.eager(true);
      parser.header_limit(max_header_bytes);
      parser.body_limit(request_.source.max_body);
      if (error.empty()) {
        error = co_await receive(parser);
      }
      if (error.empty()) {
        error = answer_problem(parser.get());
      }
      if (connection_) {
        connection_->close();
      }
      if (!error.empty()) {
        co_return read_text{{}, error};
      }
      co_return read_text{std::move(parser.get().body()), {}};
    }

  private:
    milliseconds left() const {
      return std::max(milliseconds{1}, std::chrono::ceil<milliseconds>(until_ - clock::now()));
    }
    bool late() const { return clock::now() >= until_; }

    asio::awaitable<std::string> connect(host_port where, bool secure) {
      dns::resolve_answer found;
      found = co_await resolve(where.host);
      if (found.error != probe_error::none) {
        co_return found.detail;
      }
      std::string error = where.host + ": the name has no address";
      auto untried = static_cast<std::int64_t>(found.addresses.size());
      for (const auto& address : found.addresses) {
        if (late()) {
          break;
        }
        const tcp::endpoint to{address, where.port};
        socket_.emplace(owner_.context);
        // One that swallows packets must leave time for the others.
        const auto share = std::min(left(), std::max(left() / untried--, min_attempt_time));
        const auto failure = co_await net::connect_tcp(*socket_, to, share);
        if (!failure) {
          auto socket = std::move(*socket_);
          socket_.reset();
          if (secure) {
            std::string problem = use_tls(std::move(socket));
            co_return problem;
          }
          connection_ = net::plain_stream(std::move(socket));
          co_return std::string{};
        }
        socket_.reset();
        error = "connect " + net::endpoint_text(to) + ": " + error_of(failure);
      }
      co_return error;
    }

    std::string use_tls(tcp::socket socket) {
      try {
        tls_ = make_tls(request_.source);
      } catch (const net::setup_error& problem) {
        return without_section(problem.what());
      }
      connection_ = net::tls_stream(std::move(socket), *tls_);
      return {};
    }

    asio::awaitable<std::string> handshake(std::string host) {
      std::string problem;
      problem = co_await connection_->handshake_as_client(std::move(host), left());
      co_return problem;
    }

    asio::awaitable<std::string> send(std::string text) {
      const std::vector<asio::const_buffer> parts{asio::buffer(text)};
      const auto written = co_await connection_->write(parts, left());
      // A server that refuses early has said why.
      co_return written.error && !net::is_disconnect(written.error) ? error_of(written.error)
                                                                    : std::string{};
    }

    asio::awaitable<std::string> receive(response_parser& parser) {
      std::string input;
      while (!parser.is_done()) {
        if (late()) {
          co_return "the answer was not whole in time (" +
              std::to_string(request_.source.timeout.count()) + " ms)";
        }
        const auto before = input.size();
        input.resize(before + read_size);
        const auto got =
            co_await connection_->read_some(asio::buffer(&input[before], read_size), left());
        input.resize(before + got.bytes);
        error_code error;
        if (got.error) {
          if (got.error != asio::error::eof || !parser.got_some()) {
            co_return error_of(got.error);
          }
          parser.put_eof(error);
        } else {
          input.erase(0, parser.put(asio::buffer(input), error));
        }
        if (error == http::error::body_limit) {
          co_return "the answer is larger than " + std::to_string(request_.source.max_body) +
              " bytes (max_body)";
        }
        if (error && error != http::error::need_more) {
          co_return "this is no HTTP answer, or a part of one: " + error.message();
        }
      }
      co_return std::string{};
    }

    asio::awaitable<dns::resolve_answer> resolve(std::string host) {
      auto answer = std::make_shared<std::optional<dns::resolve_answer>>();
      auto alive = std::make_shared<exchange*>(this);
      wake_.expires_at(until_);
      const auto ticket = owner_.resolver.resolve(
          host, ip_family::ip4,
          [answer, weak = std::weak_ptr{alive}](const dns::resolve_answer& found) {
            if (const auto waiting = weak.lock()) {
              *answer = found;
              (*waiting)->wake_.cancel();
            }
          });
      error_code ignored;
      co_await wake_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
      if (*answer) {
        co_return **answer;
      }
      dns::resolve_answer none;
      none.error = probe_error::resolve_timeout;
      none.detail = host + ": the name was not resolved in time";
      co_return none;
    }

    impl& owner_;
    const list_request& request_;
    clock::time_point until_;
    asio::steady_timer wake_;
    std::optional<tcp::socket> socket_; ///< while it connects
    std::shared_ptr<asio::ssl::context> tls_;
    std::unique_ptr<net::stream> connection_;
  };

  static asio::awaitable<void> fetch(std::shared_ptr<impl> self, list_request request,
                                     completion done) {
    read_text answer;
    {
      exchange one{*self, request};
      answer = co_await one.run();
    }
    if (!answer.ok()) {
      answer.error = request.source.url + ": " + answer.error;
    }
    if (!self->stopping) {
      done(std::move(answer));
    }
  }

  void stop() {
    stopping = true;
    for (auto* one : running) {
      one->abort();
    }
    resolver.stop();
  }

  asio::io_context& context;
  dns::resolver resolver;
  std::set<exchange*> running;
  bool stopping = false;
};

list_fetch::list_fetch(asio::io_context& context) : impl_(std::make_shared<impl>(context)) {}

list_fetch::~list_fetch() { stop(); }

void list_fetch::fetch(list_request request, completion done) {
  asio::post(impl_->context,
             [self = impl_, request = std::move(request), done = std::move(done)]() mutable {
               if (self->stopping) {
                 return;
               }
               auto& context = self->context;
               const auto url = request.source.url;
               asio::co_spawn(context, impl::fetch(self, std::move(request), done),
                              [done, url](const std::exception_ptr& thrown) {
                                if (thrown) {
                                  done({{}, url + ": the request failed"});
                                }
                              });
             });
}

void list_fetch::stop() {
  asio::post(impl_->context, [self = impl_] { self->stop(); });
}

} // namespace xprober::service_discovery
