#include "xprober/app/web_server.hpp"

#include <future>

#include "xprober/net/http_session.hpp"
#include "xprober/net/stream.hpp"

namespace xprober::app {

namespace {

constexpr std::chrono::milliseconds grace{500};

} // namespace

web_server::web_server(boost::asio::io_context& context, const std::string& address,
                       std::string key, const std::function<void(net::router&)>& add_routes)
    : router_(std::make_shared<net::router>()) {
  add_routes(*router_);
  net::http_session_options sessions;
  sessions.elsewhere =
      "rpc_server_addr is to name the server's rpc_listen_addr, and this is " + key;
  sessions.log = std::make_shared<net::peer_log>("web");
  router_->explain("/rpc/", sessions.elsewhere);
  net::listener_options options;
  options.key = std::move(key);
  auto serve = [router = router_, sessions](net::tcp::socket socket,
                                            std::shared_ptr<net::session_control> control) {
    auto handler = [router](const net::http_request& request, net::request_context peer) {
      return router->handle(request, std::move(peer));
    };
    return net::serve_http(net::plain_stream(std::move(socket)), std::move(handler), sessions,
                           std::move(control));
  };
  listener_ =
      std::make_unique<net::listener>(context, address, std::move(serve), std::move(options));
}

std::string web_server::address() const { return net::endpoint_text(listener_->local_endpoint()); }

void web_server::stop() {
  std::promise<void> ended;
  listener_->stop(grace, [&] { ended.set_value(); });
  ended.get_future().wait();
}

} // namespace xprober::app
