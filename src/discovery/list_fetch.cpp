#include "xprober/discovery/list_fetch.hpp"

#include <chrono>
#include <set>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "xprober/domain/address.hpp"
#include "xprober/domain/ascii.hpp"
#include "xprober/domain/url_secrets.hpp"
#include "xprober/net/http_client.hpp"
#include "xprober/net/tls.hpp"
#include "xprober/resolver/resolver.hpp"

namespace xprober::service_discovery {

namespace {

namespace asio = boost::asio;

constexpr std::size_t longest_field = 200; ///< bytes of an answer's field, in messages

net::tls_files files_of(const target_url_source& source) {
  return {.ca_file = source.ca_file,
          .cert_file = source.cert_file,
          .key_file = source.key_file,
          .insecure_skip_verify = source.insecure_skip_verify,
          .section = "target_urls."};
}

/// Seconds without the zeros behind them.
std::string seconds_text(milliseconds time) {
  auto text = std::to_string(std::chrono::duration<double>(time).count());
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') {
    text.pop_back();
  }
  return text;
}

net::http_request_parts question(const url_parts& url, const list_request& request) {
  net::http_request_parts parts;
  parts.target = net::target_of(url);
  parts.headers = {
      {"Accept", "application/json"},
      {"X-Prometheus-Refresh-Interval-Seconds", seconds_text(request.source.refresh_interval)}};
  if (!request.authorization.empty()) {
    parts.headers.emplace_back("Authorization", request.authorization);
  }
  parts.close = true;
  parts.limits.max_body = request.source.max_body;
  return parts;
}

/// What is wrong with an answer to what was asked of `url`; empty where nothing is.
std::string answer_problem(const net::http_answer& answer, const std::string& url) {
  const auto secrets = secrets_of_url(url, shown_url(url));
  // Cut off afterwards: the beginning of a secret is not known as one.
  const auto field = [&](std::string_view name) {
    return without_secrets(shown_url(answer.header(name)), secrets).substr(0, longest_field);
  };
  if (answer.status != 200) {
    const auto to = field("Location");
    return "the status is " + std::to_string(answer.status) +
           (to.empty() ? "" : " (to " + to + ", which is not followed)") + "; wanted is 200";
  }
  if (const auto type = field("Content-Type"); !is_json_type(type)) {
    return (type.empty() ? std::string{"there is no Content-Type"}
                         : "the Content-Type is " + type) +
           "; wanted is application/json";
  }
  if (const auto coding = field("Content-Encoding"); !coding.empty() && coding != "identity") {
    return "the Content-Encoding is " + coding + ", which was not asked for";
  }
  return {};
}

/// What a request begins with. Files of TLS may be large, or lie where nobody answers.
struct ready_url {
  url_parts url{};
  std::shared_ptr<asio::ssl::context> tls{};
  std::string problem{}; ///< not empty: it cannot be asked, and why
};

ready_url make_ready(const target_url_source& source) {
  ready_url ready;
  const auto url = parse_url(source.url, ready.problem);
  if (!url) {
    return ready;
  }
  ready.url = *url;
  try {
    ready.tls = net::origin_of(*url).secure ? net::client_tls(files_of(source)) : nullptr;
  } catch (const net::setup_error& problem) {
    ready.problem = problem.what();
  }
  return ready;
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

  /// Notes a client for as long as it asks.
  class under_way {
  public:
    under_way(std::set<net::http_client*>& all, net::http_client& client)
        : all_(all), client_(client) {
      all_.insert(&client_);
    }
    ~under_way() { all_.erase(&client_); }
    under_way(const under_way&) = delete;
    under_way& operator=(const under_way&) = delete;

  private:
    std::set<net::http_client*>& all_;
    net::http_client& client_;
  };

  /// What a URL answers; the error without the URL.
  asio::awaitable<read_text> ask(const list_request& request, ready_url ready) {
    read_text result;
    const auto& source = request.source;
    net::http_client client{context, resolver, net::origin_of(ready.url), std::move(ready.tls)};
    const under_way noted{running, client};
    auto answer = co_await client.request(question(ready.url, request),
                                          monotonic_clock::now() + source.timeout);
    if (answer.ok()) {
      result.error = answer_problem(answer, source.url);
    } else if (answer.fault == net::http_fault::too_large) {
      result.error = answer.error + " (max_body)";
    } else {
      result.error = answer.error;
    }
    if (result.ok()) {
      result.text = std::move(answer.body);
    }
    co_return result;
  }

  static asio::awaitable<void> fetch(std::shared_ptr<impl> self, list_request request,
                                     ready_url ready, completion done) {
    read_text answer;
    answer.error = ready.problem;
    if (answer.ok()) {
      answer = co_await self->ask(request, std::move(ready));
    }
    if (!answer.ok()) {
      answer.error = shown_url(request.source.url) + ": " + answer.error;
    }
    if (!self->stopping) {
      done(std::move(answer));
    }
  }

  void stop() {
    stopping = true;
    for (auto* client : running) {
      client->stop();
    }
    resolver.stop();
  }

  asio::io_context& context;
  dns::resolver resolver;
  std::set<net::http_client*> running;
  bool stopping = false;
};

list_fetch::list_fetch(asio::io_context& context) : impl_(std::make_shared<impl>(context)) {}

list_fetch::~list_fetch() { stop(); }

void list_fetch::fetch(list_request request, completion done) {
  auto ready = make_ready(request.source);
  auto begin = [self = impl_, ready = std::move(ready), request = std::move(request),
                done = std::move(done)]() mutable {
    if (self->stopping) {
      return;
    }
    auto& context = self->context;
    const auto url = shown_url(request.source.url);
    asio::co_spawn(context, impl::fetch(self, std::move(request), std::move(ready), done),
                   [done, url](const std::exception_ptr& thrown) {
                     if (thrown) {
                       done({{}, url + ": the request failed"});
                     }
                   });
  };
  asio::post(impl_->context, std::move(begin));
}

void list_fetch::stop() {
  asio::post(impl_->context, [self = impl_] { self->stop(); });
}

} // namespace xprober::service_discovery
