#include "xprober/rpc/client_engine.hpp"

#include <optional>
#include <random>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "client_core.hpp"
#include "xprober/base/log.hpp"
#include "xprober/net/dialer.hpp"
#include "xprober/resolver/resolver.hpp"
#include "xprober/rpc/reconnect_policy.hpp"

namespace xprober::rpc {

namespace {

using boost::system::error_code;
using clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

reconnect_policy make_policy(const client_options& options) {
  const auto seed = options.seed != 0 ? options.seed : std::random_device{}();
  return {options.servers.size(), backoff{options.backoff_initial, options.backoff_max, 2.0, seed},
          options.first_server};
}

/// A server whose name comes to be is to be found at once.
dns::resolver_options resolving() {
  dns::resolver_options options;
  options.cache_max_negative_ttl = milliseconds{0};
  return options;
}

/// Of the errors of a round; a list of servers that take connections and drop them collects more.
constexpr std::size_t longest_round_text = 4096;

} // namespace

struct client_engine::impl : std::enable_shared_from_this<client_engine::impl> {
  impl(asio::io_context& io, client_options options, client_credentials credentials)
      : context(io), servers(parse_servers(options.servers)), has_answered(servers.size()),
        policy(make_policy(options)), core(std::make_shared<client_core>(io, std::move(options))),
        resolver(io.get_executor(), resolving()), tls(std::move(credentials.tls)), deadline(io),
        idle(io) {
    core->token = std::move(credentials.token);
  }

  /// Begins `run`; begins it again should it end by an exception (no memory).
  void start() {
    asio::co_spawn(context, run(), [self = shared_from_this()](const std::exception_ptr& thrown) {
      if (!thrown) {
        return;
      }
      log::error("rpc", "the client failed; trying again", {});
      self->core->calls.fail_sent(ec::connection_lost, "the client failed");
      self->not_before = clock::now() + self->core->options.backoff_max;
      self->start();
    });
  }

  asio::awaitable<void> run() {
    while (!core->stopping) {
      if (!core->calls.waiting()) {
        co_await core->wait_change();
        continue;
      }
      co_await pause();
      if (!core->stopping && core->calls.waiting()) {
        co_await use_server(servers[policy.current()]);
      }
    }
    resolver.stop();
  }

  /// Waits until the next connection may be tried.
  asio::awaitable<void> pause() {
    while (!core->stopping && clock::now() < not_before) {
      error_code ignored;
      core->changed.expires_at(not_before);
      co_await core->changed.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
  }

  asio::awaitable<void> use_server(const endpoint& server) {
    core->answered = false;
    core->give_up.clear();
    core->on_first_answer = [this, at = policy.current()] { working(at); };
    auto dialled = co_await dial(server);
    if (!dialled.connection) {
      // Only now is it known that what waits cannot be sent; after a connection it may still be.
      const bool numeric = parse_ip(server.where.host).has_value(); // and then it is in the text
      if (server_failed(server, numeric ? dialled.reason : dialled.error)) {
        core->calls.fail_waiting(ec::unreachable, std::exchange(round_errors, {}));
      }
      co_return;
    }
    log::debug("rpc", "connected", {{"server", server.text}});
    std::string reason;
    {
      auto* raw = dialled.connection.get();
      const abort_scope abortable{*core, [raw] { raw->close(); }};
      // No co_await in a condition: g++ 12 destroys the wrong temporaries there.
      if (server.kind == transport::msgpack) {
        reason = co_await converse_msgpack(core, server, dialled.connection);
      } else {
        reason = co_await converse_http(core, server, dialled.connection);
      }
    }
    connection_ended(server, core->give_up.empty() ? reason : core->give_up);
  }

  void connection_ended(const endpoint& server, const std::string& reason) {
    if (core->stopping) {
      return;
    }
    const bool in_call = core->calls.sent();
    core->calls.fail_sent(ec::connection_lost, server.text + ": " + reason);
    if (!core->answered || !core->give_up.empty()) {
      server_failed(server, reason.empty() ? "the server closed the connection" : reason);
    } else if (in_call) {
      log::warn("rpc", "connection lost", {{"server", server.text}, {"reason", reason}});
      not_before = clock::now() + policy.lost();
    }
  }

  void working(std::size_t server) {
    has_answered[server] = true;
    if (std::exchange(failing, false)) {
      log::info("rpc", "server answers again", {{"server", servers[server].text}});
    }
    policy.answered();
    round_errors.clear();
  }

  /// True when this ends a round over the whole list.
  bool server_failed(const endpoint& server, const std::string& reason) {
    if (core->stopping) {
      return false;
    }
    last_error = server.text + ": " + reason;
    round_errors += (round_errors.empty() ? "" : "; ") + last_error;
    if (!std::exchange(failing, true)) {
      log::warn("rpc", "server cannot be used", {{"server", server.text}, {"reason", reason}});
    } else {
      log::debug("rpc", "server cannot be used", {{"server", server.text}, {"reason", reason}});
    }
    const auto wait = policy.failed();
    not_before = clock::now() + wait;
    if (wait.count() > 0 && round_errors.size() > longest_round_text) {
      round_errors = last_error;
    }
    return wait.count() > 0;
  }

  asio::awaitable<net::dial_result> dial(const endpoint& server) {
    net::dialer dialer{context, resolver, server.where, server.tls ? tls : nullptr};
    const abort_scope abortable{*core, [&dialer] { dialer.stop(); }};
    const auto step = core->options.connect_timeout;
    auto result = co_await dialer.dial(clock::now() + 3 * step, step);
    co_return result;
  }

  void add(call_request request, call_completion done) {
    if (core->stopping) {
      return done(make_error(ec::shutdown));
    }
    core->calls.add(std::move(request), noting_the_end(std::move(done)),
                    clock::now() + core->options.call_timeout);
    core->changed.cancel();
    arm_deadline();
  }

  bool has_calls() const { return core->calls.waiting() || core->calls.sent(); }

  /// Whoever waits in `finish_calls` looks again after each call.
  call_completion noting_the_end(call_completion done) {
    return [me = weak_from_this(), done = std::move(done)](call_result&& result) {
      done(std::move(result));
      if (const auto alive = me.lock()) {
        alive->idle.cancel();
      }
    };
  }

  asio::awaitable<void> finish_calls(clock::time_point until) {
    while (has_calls() && clock::now() < until) {
      error_code ignored;
      idle.expires_at(until);
      co_await idle.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
  }

  void arm_deadline() {
    const auto next = core->calls.next_deadline();
    if (!next || (armed && *armed <= *next)) {
      return;
    }
    armed = next;
    deadline.expires_at(*next);
    deadline.async_wait([self = shared_from_this()](const error_code& error) {
      if (error) {
        return;
      }
      self->armed.reset();
      self->expire();
      self->arm_deadline();
    });
  }

  /// A server that takes calls and does not answer is given up.
  void expire() {
    const auto within = " within " + std::to_string(core->options.call_timeout.count()) + " ms";
    const auto& server = servers[policy.current()].text;
    const bool sent = core->calls.expire(clock::now(), server + ": no answer" + within,
                                         "no server could be used" + within +
                                             (last_error.empty() ? "" : " (" + last_error + ")"));
    if (sent && core->abort) {
      core->give_up = "it did not answer in time";
      core->abort();
      core->changed.cancel();
    }
  }

  void stop() {
    core->stopping = true;
    if (core->abort) {
      core->abort();
    }
    deadline.cancel();
    core->calls.fail_sent(ec::shutdown, "the client is ending");
    core->calls.fail_waiting(ec::shutdown, "the client is ending");
    core->changed.cancel();
  }

  asio::io_context& context;
  std::vector<endpoint> servers;
  std::vector<bool> has_answered; ///< by server
  reconnect_policy policy;
  std::shared_ptr<client_core> core;
  dns::resolver resolver;
  std::shared_ptr<asio::ssl::context> tls; ///< null when no server of the list needs it
  asio::steady_timer deadline;
  asio::steady_timer idle;                ///< cancelled when a call has ended
  std::optional<clock::time_point> armed; ///< when `deadline` ends
  clock::time_point not_before{};
  std::string last_error;
  std::string round_errors; ///< of the servers that failed since the last answer or wait
  bool failing = false;
};

client_engine::client_engine(asio::io_context& context, const client_options& options)
    : client_engine(context, options,
                    read_credentials(parse_servers(options.servers), options.rpc)) {}

client_engine::client_engine(asio::io_context& context, client_options options,
                             client_credentials credentials)
    : impl_(std::make_shared<impl>(context, std::move(options), std::move(credentials))) {
  impl_->start();
}

client_engine::~client_engine() { stop(); }

void client_engine::call(call_request request, call_completion done) {
  asio::post(impl_->context,
             [self = impl_, request = std::move(request), done = std::move(done)]() mutable {
               self->add(std::move(request), std::move(done));
             });
}

const net::endpoint& client_engine::server_in_use() const {
  return impl_->servers[impl_->policy.current()];
}

std::vector<net::endpoint> client_engine::answered() const {
  std::vector<net::endpoint> all;
  for (std::size_t i = 0; i < impl_->servers.size(); ++i) {
    if (impl_->has_answered[i]) {
      all.push_back(impl_->servers[i]);
    }
  }
  return all;
}

asio::awaitable<void> client_engine::finish_calls(milliseconds longest) {
  const auto self = impl_; // whoever waits may let go of this
  const auto until = clock::now() + longest;
  co_await self->finish_calls(until);
}

void client_engine::stop() {
  asio::post(impl_->context, [self = impl_] { self->stop(); });
}

} // namespace xprober::rpc
