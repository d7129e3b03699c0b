#pragma once

#include "xprober/net/stream.hpp"

namespace xprober::net {

/// Connects `socket`, which is closed when that fails. Ends with asio::error::timed_out when it
/// takes longer than `timeout`, and when somebody closes the socket meanwhile.
asio::awaitable<boost::system::error_code> connect_tcp(tcp::socket& socket, tcp::endpoint to,
                                                       milliseconds timeout);

} // namespace xprober::net
