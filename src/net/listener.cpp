#include "xprober/net/listener.hpp"

#include <exception>
#include <map>
#include <string_view>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "xprober/base/log.hpp"
#include "xprober/domain/address.hpp"
#include "xprober/net/connection_table.hpp"
#include "xprober/net/peer_key.hpp"
#include "xprober/net/stream.hpp"
#include "xprober/net/tls.hpp"

namespace xprober::net {

namespace {

using asio::redirect_error;
using asio::use_awaitable;
using boost::system::error_code;
using clock = std::chrono::steady_clock;

/// After an error of accept() that only time can heal.
constexpr milliseconds accept_pause{200};
constexpr std::chrono::seconds listener_log_interval{10};

std::string advice(const error_code& error) {
  if (error == asio::error::address_in_use) {
    return "another program has this port: end it, or set another address";
  }
  if (error == asio::error::access_denied) {
    return "ports below 1024 need root or CAP_NET_BIND_SERVICE: set a higher port";
  }
  if (error.value() == EADDRNOTAVAIL) {
    return "no interface of this machine has this address: set one that it has, or :PORT for all";
  }
  return "set another address";
}

[[noreturn]] void fail(const std::string& key, const std::string& address,
                       const std::string& reason) {
  throw setup_error(key + ": cannot listen on " + address + ": " + reason);
}

/// Opens, binds and listens. The first step that fails tells why.
error_code try_bind(tcp::acceptor& acceptor, const tcp::endpoint& endpoint, bool dual_stack) {
  error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) {
    acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  }
  if (!error && endpoint.protocol() == tcp::v6()) {
    acceptor.set_option(asio::ip::v6_only(!dual_stack), error);
  }
  if (!error) {
    acceptor.bind(endpoint, error);
  }
  if (!error) {
    acceptor.listen(tcp::acceptor::max_listen_connections, error);
  }
  if (error) {
    error_code ignored;
    acceptor.close(ignored);
  }
  return error;
}

/// Binds to every interface: over IPv6 for both families, or IPv4 alone where there is no IPv6.
error_code bind_all(tcp::acceptor& acceptor, std::uint16_t port) {
  const auto error = try_bind(acceptor, {tcp::v6(), port}, true);
  if (!error || error == asio::error::address_in_use || error == asio::error::access_denied) {
    return error;
  }
  return try_bind(acceptor, {tcp::v4(), port}, false);
}

error_code bind_named(tcp::acceptor& acceptor, asio::io_context& context, const host_port& where) {
  error_code error;
  const auto address = asio::ip::make_address(where.host, error);
  if (!error) {
    return try_bind(acceptor, {address, where.port}, false);
  }
  tcp::resolver resolver{context};
  const auto found = resolver.resolve(where.host, std::to_string(where.port), error);
  if (error) {
    return error;
  }
  for (const auto& candidate : found) {
    error = try_bind(acceptor, candidate.endpoint(), false);
    if (!error) {
      break;
    }
  }
  return error;
}

bool needs_pause(const error_code& error) {
  return error == asio::error::no_descriptors || error.value() == ENFILE ||
         error == asio::error::no_buffer_space || error == asio::error::no_memory;
}

} // namespace

struct listener::impl : std::enable_shared_from_this<listener::impl> {
  impl(asio::io_context& io, connection_handler on_connection, listener_options chosen)
      : context(io), acceptor(io), grace_timer(io), handler(std::move(on_connection)),
        options(std::move(chosen)), table({options.max_connections, options.max_peer_connections}) {
    if (!options.counters) {
      options.counters = std::make_shared<port_counters>();
    }
    options.counters->places = options.max_connections;
  }

  void bind(const std::string& address) {
    std::string problem;
    const auto where = parse_host_port(address, problem);
    if (!where) {
      fail(options.key, address, problem);
    }
    const auto error = where->host.empty() ? bind_all(acceptor, where->port)
                                           : bind_named(acceptor, context, *where);
    if (error) {
      fail(options.key, address, error.message() + " (" + advice(error) + ")");
    }
    endpoint = acceptor.local_endpoint();
  }

  asio::awaitable<void> accept_loop() {
    const auto keep_alive = shared_from_this();
    while (acceptor.is_open()) {
      error_code error;
      auto socket = co_await acceptor.async_accept(redirect_error(use_awaitable, error));
      if (!error) {
        begin_session(std::move(socket));
      } else if (needs_pause(error)) {
        co_await pause(error);
      }
    }
  }

  asio::awaitable<void> pause(const error_code& error) {
    if (may_log(last_pause_log)) {
      log::error("listener", "cannot accept connections; trying on",
                 {{"address", endpoint_text(endpoint)}, {"error", error.message()}});
    }
    asio::steady_timer timer{context, accept_pause};
    error_code ignored;
    co_await timer.async_wait(redirect_error(use_awaitable, ignored));
  }

  void begin_session(tcp::socket socket) {
    error_code gone;
    const auto remote = socket.remote_endpoint(gone);
    if (stopping || gone) {
      return;
    }
    const auto id = next_id++;
    const bool admitted = make_room(id, remote);
    if (!admitted) {
      return;
    }
    auto control = std::make_shared<session_control>();
    control->observe([weak = weak_from_this(), id](session_stage stage) {
      if (const auto self = weak.lock()) {
        self->table.enter(id, stage);
      }
    });
    sessions.emplace(id, control);
    options.counters->connections = table.size();
    asio::co_spawn(context, handler(std::move(socket), std::move(control)),
                   [self = shared_from_this(), id](const std::exception_ptr& thrown) {
                     self->end_session(id, thrown);
                   });
  }

  /// Gives a new connection a place. False: it is to be closed.
  bool make_room(std::uint64_t id, const tcp::endpoint& remote) {
    const auto made = table.admit(id, peer_of(remote.address()));
    if (made.dropped) {
      ++options.counters->dropped_idle;
      tell_full("no place for a new connection: the one that has waited longest is closed", remote);
      if (const auto found = sessions.find(*made.dropped); found != sessions.end()) {
        const auto control = found->second;
        control->request_close();
      }
      return true;
    }
    if (made.what == connection_table::verdict::admitted) {
      return true;
    }
    const bool of_peer = made.what == connection_table::verdict::peer_full;
    ++(of_peer ? options.counters->refused_peer : options.counters->refused_full);
    tell_full(of_peer ? "too many connections of one peer: new ones are closed"
                      : "too many connections: new ones are closed",
              remote);
    return false;
  }

  void tell_full(std::string_view what, const tcp::endpoint& remote) {
    if (may_log(last_full_log)) {
      log::warn("listener", what,
                {{"address", endpoint_text(endpoint)},
                 {"peer", endpoint_text(remote)},
                 {"limit", options.max_connections},
                 {"limit_of_a_peer", options.max_peer_connections}});
    }
  }

  void end_session(std::uint64_t id, const std::exception_ptr& thrown) {
    try {
      if (thrown) {
        std::rethrow_exception(thrown);
      }
    } catch (const boost::system::system_error& e) {
      if (!is_disconnect(e.code())) {
        log::warn("listener", "session ended by an error", {{"error", e.what()}});
      }
    } catch (const std::exception& e) {
      log::error("listener", "session ended by an error", {{"error", e.what()}});
    }
    sessions.erase(id);
    table.remove(id);
    options.counters->connections = table.size();
    if (stopping && sessions.empty()) {
      finished();
    }
  }

  void stop(milliseconds grace, std::function<void()> on_done) {
    stopping = true;
    done = std::move(on_done);
    error_code ignored;
    acceptor.close(ignored);
    if (sessions.empty()) {
      return finished();
    }
    grace_timer.expires_after(grace);
    grace_timer.async_wait([self = shared_from_this()](const error_code& error) {
      if (!error) {
        self->close_all();
      }
    });
    for_each_session(&session_control::request_finish);
  }

  /// A session that still waits for something else than its socket is not waited for.
  void close_all() {
    for_each_session(&session_control::request_close);
    finished();
  }

  void for_each_session(void (session_control::*request)()) {
    const auto now = sessions;
    for (const auto& [id, control] : now) {
      (control.get()->*request)();
    }
  }

  void finished() {
    grace_timer.cancel();
    if (const auto call = std::exchange(done, {})) {
      call();
    }
  }

  static bool may_log(clock::time_point& last) {
    const auto now = clock::now();
    if (last != clock::time_point{} && now - last < listener_log_interval) {
      return false;
    }
    last = now;
    return true;
  }

  asio::io_context& context;
  tcp::acceptor acceptor;
  asio::steady_timer grace_timer;
  connection_handler handler;
  listener_options options;
  tcp::endpoint endpoint;
  connection_table table;
  std::map<std::uint64_t, std::shared_ptr<session_control>> sessions; ///< those dropped, too
  std::uint64_t next_id = 1;
  bool stopping = false;
  std::function<void()> done;
  clock::time_point last_pause_log{};
  clock::time_point last_full_log{};
};

listener::listener(asio::io_context& context, const std::string& address,
                   connection_handler handler, listener_options options)
    : impl_(std::make_shared<impl>(context, std::move(handler), std::move(options))) {
  impl_->bind(address);
  asio::co_spawn(context, impl_->accept_loop(), asio::detached);
}

listener::~listener() { stop(milliseconds{0}); }

tcp::endpoint listener::local_endpoint() const { return impl_->endpoint; }

void listener::stop(std::chrono::milliseconds grace, std::function<void()> done) {
  asio::post(impl_->context, [self = impl_, grace, done = std::move(done)]() mutable {
    if (!self->stopping) {
      self->stop(grace, std::move(done));
    } else if (done) {
      done();
    }
  });
}

std::size_t listener::connections() const { return impl_->sessions.size(); }

} // namespace xprober::net
