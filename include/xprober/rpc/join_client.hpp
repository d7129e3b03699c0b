#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include "xprober/net/endpoint.hpp"

namespace boost::asio::ssl {
class context;
}

namespace xprober::rpc {

/// The body of an answer with the status 200, or what came in its place.
struct join_reply {
  std::string body;
  std::string problem; ///< a sentence that names the server; empty where there is a body
};

/// Asks a server once over HTTPS, on a connection for that alone: POST of a body in JSON, or GET
/// where it is empty. `path` is one of `join_paths`. `tls` is not null.
boost::asio::awaitable<join_reply> ask_about_joining(boost::asio::io_context& context,
                                                     net::endpoint server, std::string_view path,
                                                     std::string body,
                                                     std::shared_ptr<boost::asio::ssl::context> tls,
                                                     std::chrono::milliseconds limit);

} // namespace xprober::rpc
