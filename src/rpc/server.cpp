#include "xprober/rpc/server.hpp"

#include <exception>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "server_core.hpp"
#include "xprober/net/listener.hpp"
#include "xprober/net/tls.hpp"
#include "xprober/rpc/token.hpp"

namespace xprober::rpc {

namespace {

using net::tcp;

constexpr std::chrono::seconds report_interval{1};
/// Whoever was revoked on the command line gets in no longer than this.
constexpr std::chrono::seconds look_interval{2};

/// Says why a connection is of no use.
void reject(server_core& core, const std::string& peer, std::string_view reason) {
  ++core.counters.malformed;
  core.log.warn(peer, "connection refused", reason);
}

/// Serves what its first byte says.
asio::awaitable<void> serve_protocol(std::shared_ptr<server_core> core,
                                     std::unique_ptr<net::stream> connection,
                                     std::shared_ptr<net::session_control> control) {
  std::string first(first_read_size, '\0');
  {
    auto* raw = connection.get();
    const auto close = [raw] { raw->close(); };
    const auto attached = net::session_control::attach(control, {close, close});
    const auto got = co_await raw->read_some(asio::buffer(first), core->options.idle_timeout);
    if (got.error || control->stopping()) {
      co_return;
    }
    first.resize(got.bytes);
  }
  const auto lead = static_cast<unsigned char>(first.front());
  connection->unread(std::move(first));
  if (begins_msgpack_rpc(lead)) {
    ++core->counters.sessions;
    co_await serve_msgpack(std::move(core), std::move(connection), std::move(control));
  } else if (begins_http(lead)) {
    ++core->counters.sessions;
    co_await serve_rpc_http(std::move(core), std::move(connection), std::move(control));
  } else {
    reject(*core, connection->peer(), "the first byte is neither of MessagePack-RPC nor of HTTP");
  }
}

/// Does the handshake where one is needed. Null when the connection is of no use.
asio::awaitable<std::unique_ptr<net::stream>>
open_stream(std::shared_ptr<server_core> core, tcp::socket socket,
            std::shared_ptr<net::session_control> control) {
  int first = -1;
  {
    const auto close = [&socket] {
      boost::system::error_code ignored;
      socket.close(ignored);
    };
    const auto attached = net::session_control::attach(control, {close, close});
    first = co_await net::peek_first_byte(socket, core->options.idle_timeout);
  }
  if (first < 0 || control->stopping()) {
    co_return nullptr;
  }
  const auto tls = core->tls;
  const bool speaks_tls = first == net::tls_first_byte;
  if (!speaks_tls || !tls) {
    auto connection = net::plain_stream(std::move(socket));
    if (!speaks_tls && !tls) {
      co_return connection;
    }
    auto* raw = connection.get();
    const auto close = [raw] { raw->close(); };
    const auto attached = net::session_control::attach(control, {close, close});
    if (speaks_tls) {
      reject(*core, connection->peer(), "the client speaks TLS, but rpc.cert_file is not set here");
      co_await refuse_tls(std::move(core), std::move(connection));
    } else {
      reject(*core, connection->peer(),
             "the client does not speak TLS: its rpc_server_addr needs msgpacks:// or https://");
      co_await refuse_plain(std::move(core), std::move(connection));
    }
    co_return nullptr;
  }
  auto connection = net::tls_stream(std::move(socket), *tls);
  auto* raw = connection.get();
  const auto close = [raw] { raw->close(); };
  const auto attached = net::session_control::attach(control, {close, close});
  const auto problem = co_await raw->handshake_as_server(core->options.handshake_timeout);
  if (problem.empty() && !control->stopping()) {
    co_return connection;
  }
  if (!control->stopping()) {
    reject(*core, connection->peer(), problem);
  }
  co_return nullptr;
}

asio::awaitable<void> serve(std::shared_ptr<server_core> core, tcp::socket socket,
                            std::shared_ptr<net::session_control> control) {
  control->enter(net::session_stage::fresh);
  auto connection = co_await open_stream(core, std::move(socket), control);
  if (connection) {
    co_await serve_protocol(std::move(core), std::move(connection), std::move(control));
  }
}

std::shared_ptr<server_core> make_core(server_actors actors, server_options options) {
  auto core = std::make_shared<server_core>();
  core->take(read_server_credentials(options.rpc, options.access, options.join));
  core->actors = std::move(actors);
  core->options = std::move(options);
  return core;
}

net::listener_options listening(const server_options& options) {
  return {"rpc_listen_addr", options.max_sessions, options.max_peer_sessions,
          options.account.counters};
}

} // namespace

server_credentials read_server_credentials(const rpc_config& rpc,
                                           const std::vector<access_entry>& access,
                                           std::shared_ptr<join_desk> join) {
  server_credentials read;
  read.token = read_agents_token(rpc.token_file);
  read.access = access_list{access};
  read.tls = net::server_tls(net::files_of(rpc));
  if (join) {
    try {
      read.joined = join->refresh();
    } catch (const std::exception& problem) {
      throw net::setup_error(problem.what());
    }
  }
  read.join = std::move(join);
  return read;
}

struct server::impl {
  impl(asio::io_context& io, server_actors actors, server_options options)
      : context(io), core(make_core(std::move(actors), std::move(options))),
        port(
            io, core->options.listen,
            [shared = core](tcp::socket socket, std::shared_ptr<net::session_control> control) {
              return serve(shared, std::move(socket), std::move(control));
            },
            listening(core->options)),
        report_timer(io), look_timer(io) {}

  /// For as long as the context runs.
  static asio::awaitable<void> keep_looking(std::weak_ptr<impl> of) {
    while (true) {
      boost::system::error_code cancelled;
      auto* timer = next_look(of);
      if (timer == nullptr) {
        co_return;
      }
      co_await timer->async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
      if (cancelled) {
        co_return; // with the timer, at the latest
      }
      auto core = core_of(of);
      if (!core) {
        co_return;
      }
      co_await look_who_joined(std::move(core));
    }
  }

  static asio::steady_timer* next_look(const std::weak_ptr<impl>& of) {
    const auto self = of.lock();
    if (!self) {
      return nullptr;
    }
    self->look_timer.expires_after(look_interval);
    return &self->look_timer;
  }

  static std::shared_ptr<server_core> core_of(const std::weak_ptr<impl>& of) {
    const auto self = of.lock();
    return self ? self->core : nullptr;
  }

  /// Tells what has been counted, once in an interval in which something was.
  static void report_on(const std::shared_ptr<impl>& self) {
    self->report_timer.expires_after(report_interval);
    self->report_timer.async_wait(
        [weak = std::weak_ptr{self}](const boost::system::error_code& error) {
          const auto alive = weak.lock();
          if (error || !alive) {
            return;
          }
          if (const auto& now = alive->core->counters; now != alive->told) {
            alive->told = now;
            caf::anon_send(alive->core->actors.stats, now);
          }
          report_on(alive);
        });
  }

  asio::io_context& context;
  std::shared_ptr<server_core> core;
  net::listener port;
  asio::steady_timer report_timer;
  asio::steady_timer look_timer;
  rpc_stats told;
};

server::server(asio::io_context& context, server_actors actors, server_options options)
    : impl_(std::make_shared<impl>(context, std::move(actors), std::move(options))) {
  if (impl_->core->actors.stats) {
    impl::report_on(impl_);
  }
  if (impl_->core->options.work) {
    asio::co_spawn(context, impl::keep_looking(impl_), asio::detached);
  }
}

server::~server() = default;

tcp::endpoint server::local_endpoint() const { return impl_->port.local_endpoint(); }

void server::use(server_credentials credentials) {
  asio::post(impl_->context, [core = impl_->core, next = std::move(credentials)]() mutable {
    core->take(std::move(next));
  });
}

void server::stop(std::chrono::milliseconds grace, std::function<void()> done) {
  impl_->port.stop(grace, std::move(done));
}

void server::counters(std::function<void(rpc_stats)> receive) const {
  asio::post(impl_->context,
             [core = impl_->core, receive = std::move(receive)] { receive(core->counters); });
}

} // namespace xprober::rpc
