#include "xprober/app/web_server.hpp"

#include <algorithm>
#include <future>
#include <optional>
#include <utility>

#include <boost/asio/use_awaitable.hpp>

#include "xprober/base/machine_names.hpp"
#include "xprober/net/browser_guard.hpp"
#include "xprober/net/http_session.hpp"
#include "xprober/net/stream.hpp"
#include "xprober/web/access_gate.hpp"
#include "xprober/web/error_page.hpp"
#include "xprober/web/sign_in_routes.hpp"

namespace xprober::app {

namespace asio = boost::asio;

namespace {

constexpr milliseconds grace{500};
/// Of a client that is connected: from one step of the handshake to the next.
constexpr milliseconds longest_handshake{10'000};

net::http_response speaks_tls_only() {
  auto told = net::error_response(net::http::status::bad_request,
                                  "this port speaks HTTPS: the address needs https://");
  told.keep_alive(false);
  return told;
}

/// Does the handshake. Null where the connection is of no use; one without TLS for a client that
/// speaks none, who is to be told.
asio::awaitable<std::unique_ptr<net::stream>>
begin_tls(std::shared_ptr<asio::ssl::context> tls, net::tcp::socket socket,
          std::shared_ptr<net::session_control> control, std::shared_ptr<net::peer_log> told) {
  control->enter(net::session_stage::fresh);
  int first = -1;
  {
    const auto close = [&socket] {
      boost::system::error_code ignored;
      socket.close(ignored);
    };
    const auto attached = net::session_control::attach(control, {close, close});
    first = co_await net::peek_first_byte(socket, longest_handshake);
  }
  if (first < 0 || control->stopping()) {
    co_return nullptr;
  }
  if (first != net::tls_first_byte) {
    co_return net::plain_stream(std::move(socket));
  }
  auto connection = net::tls_stream(std::move(socket), *tls);
  auto* raw = connection.get();
  const auto close = [raw] { raw->close(); };
  const auto attached = net::session_control::attach(control, {close, close});
  const auto problem = co_await raw->handshake_as_server(longest_handshake);
  if (problem.empty() && !control->stopping()) {
    co_return connection;
  }
  if (!control->stopping()) {
    told->warn(connection->peer(), "connection refused", problem);
  }
  co_return nullptr;
}

} // namespace

/// What its sessions share, on the context's thread.
struct web_server::core {
  core(std::vector<std::string> names, std::vector<std::string> sends, web_credentials credentials)
      : guard(std::move(names)), sending(std::move(sends)),
        access(std::make_shared<web::access_gate>(credentials.access)),
        tls(std::move(credentials.tls)) {}

  std::optional<net::http_response> judge(const net::http_request& head,
                                          net::request_context peer) const;
  std::optional<net::http_response> refuse(const net::http_request& head,
                                           net::request_context peer) const;
  static asio::awaitable<net::http_response>
  answer(std::shared_ptr<core> shared, const net::http_request& request, net::request_context peer);
  static asio::awaitable<void> serve(std::shared_ptr<core> shared,
                                     net::http_session_options options, net::tcp::socket socket,
                                     std::shared_ptr<net::session_control> control);

  net::router routes;
  net::browser_guard guard;
  std::vector<std::string> sending;
  std::shared_ptr<web::access_gate> access;
  std::shared_ptr<asio::ssl::context> tls; ///< null: there is none
};

/// Who may ask for what, by the head of a request.
std::optional<net::http_response> web_server::core::judge(const net::http_request& head,
                                                          net::request_context peer) const {
  auto refused = refuse(head, std::move(peer));
  if (refused) {
    // By a name that is not ours the first page is refused, too.
    web::show_error(head, *refused, refused->result() != net::http::status::misdirected_request);
  }
  return refused;
}

asio::awaitable<net::http_response> web_server::core::answer(std::shared_ptr<core> shared,
                                                             const net::http_request& request,
                                                             net::request_context peer) {
  auto made = co_await shared->routes.handle(request, std::move(peer));
  web::show_error(request, made);
  co_return made;
}

std::optional<net::http_response> web_server::core::refuse(const net::http_request& head,
                                                           net::request_context peer) const {
  if (auto misdirected = guard.judge_host(head)) {
    return misdirected;
  }
  const auto target = head.target();
  net::split_target({target.data(), target.size()}, peer); // else the routes refuse it
  const bool sends = std::ranges::find(sending, peer.path) != sending.end();
  if (net::changes_something(head.method()) || sends) {
    if (auto foreign = net::judge_origin(head)) {
      return foreign;
    }
  }
  if (auto stranger = access->judge(head, peer, sends)) {
    return stranger;
  }
  return routes.judge(head, std::move(peer));
}

asio::awaitable<void> web_server::core::serve(std::shared_ptr<core> shared,
                                              net::http_session_options options,
                                              net::tcp::socket socket,
                                              std::shared_ptr<net::session_control> control) {
  const auto tls = shared->tls; // outlives the connection, whatever a reload brings
  std::unique_ptr<net::stream> connection;
  if (tls) {
    connection = co_await begin_tls(tls, std::move(socket), control, options.log);
    if (!connection) {
      co_return;
    }
    if (!connection->secure()) {
      options.judge = [](const net::http_request& head, const net::request_context&) {
        auto told = speaks_tls_only();
        web::show_error(head, told, false);
        return std::optional{std::move(told)};
      };
    }
  } else {
    connection = net::plain_stream(std::move(socket));
  }
  auto handler = [shared](const net::http_request& request, net::request_context peer) {
    shared->access->identify(request, peer);
    return answer(shared, request, std::move(peer));
  };
  co_await net::serve_http(std::move(connection), std::move(handler), std::move(options),
                           std::move(control));
}

std::vector<std::string> accepted_names(const web_config& config) {
  auto names = machine_names();
  names.insert(names.end(), config.allowed_hosts.begin(), config.allowed_hosts.end());
  return names;
}

web_server::web_server(boost::asio::io_context& context, web_port port,
                       const std::function<void(net::router&)>& add_routes)
    : core_(std::make_shared<core>(std::move(port.names), std::move(port.sending),
                                   std::move(port.credentials))) {
  core_->access->count_in(port.account.counters);
  web::add_sign_in_routes(core_->routes, core_->access);
  add_routes(core_->routes);
  net::http_session_options sessions;
  sessions.elsewhere =
      "rpc_server_addr is to name the server's rpc_listen_addr, and this is " + port.key;
  sessions.log = std::make_shared<net::peer_log>("web");
  sessions.judge = [shared = core_](const net::http_request& head, net::request_context peer) {
    return shared->judge(head, std::move(peer));
  };
  sessions.account = port.account;
  core_->routes.explain("/rpc/", sessions.elsewhere);
  net::listener_options options{std::move(port.key), port.connections, port.peer_connections,
                                port.account.counters};
  auto serve = [shared = core_, sessions = std::move(sessions)](
                   net::tcp::socket socket, std::shared_ptr<net::session_control> control) {
    return core::serve(shared, sessions, std::move(socket), std::move(control));
  };
  listener_ =
      std::make_unique<net::listener>(context, port.address, std::move(serve), std::move(options));
  core_->access->name_cookie(listener_->local_endpoint().port());
}

void web_server::accept(std::vector<std::string> names) {
  core_->guard = net::browser_guard{std::move(names)};
}

void web_server::publish(std::function<bool(const net::request_context&)> is_public) {
  core_->access->publish(std::move(is_public));
}

void web_server::use(web_credentials credentials) {
  core_->access->use(credentials.access);
  core_->tls = std::move(credentials.tls);
}

std::string web_server::address() const { return net::endpoint_text(listener_->local_endpoint()); }

void web_server::stop() {
  std::promise<void> ended;
  listener_->stop(grace, [&] { ended.set_value(); });
  ended.get_future().wait();
}

} // namespace xprober::app
