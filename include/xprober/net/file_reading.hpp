#pragma once

#include <functional>

#include <boost/asio/awaitable.hpp>

#include "xprober/domain/read_text.hpp"

namespace xprober::net {

/// What `read()` gives, which reads a file: on a thread of its own, one of each io_context, made
/// when it is needed first. A file system that does not answer holds up no session so. An error
/// where the context is ending.
boost::asio::awaitable<read_text> read_apart(std::function<read_text()> read);

} // namespace xprober::net
