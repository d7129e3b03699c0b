#pragma once

#include <cstddef>
#include <functional>

#include <boost/asio/awaitable.hpp>

#include "xprober/domain/clock.hpp"
#include "xprober/domain/read_text.hpp"

namespace xprober::net {

/// What `read()` gives, which reads a file: on a thread of its own, one of each io_context, made
/// when it is needed first. A file system that does not answer holds up no session so, and whoever
/// waits for it no longer than `until`: an error then, as where the context is ending. `read` owns
/// what it uses.
boost::asio::awaitable<read_text> read_apart(std::function<read_text()> read, monotonic_time until);

/// So many that were given up may be under way or wait behind one that is: beyond, an error at
/// once.
inline constexpr std::size_t most_given_up = 16;

} // namespace xprober::net
