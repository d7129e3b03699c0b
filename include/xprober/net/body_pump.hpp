#pragma once

#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "xprober/net/http_types.hpp"
#include "xprober/net/stream.hpp"

namespace xprober::net {

/// Writes a body that comes in pieces, as chunks (RFC 9112, 7.1) or as it is. One piece is in
/// memory at a time. Ends with the source, when the peer takes nothing for `write_timeout`, when it
/// has gone (which is looked at every second while there is nothing to write), and when it is told
/// to.
class body_pump {
public:
  /// `connection` must outlive it.
  body_pump(stream& connection, chunk_source source, bool chunked, milliseconds write_timeout);
  ~body_pump();
  body_pump(const body_pump&) = delete;
  body_pump& operator=(const body_pump&) = delete;

  /// True when the source has ended and all was written; else there is no end that the peer could
  /// see, and the connection must be closed. Once.
  asio::awaitable<bool> run();

  /// `run` ends as soon as what is being written was written.
  void stop();

private:
  struct waiting;

  void ask();
  asio::awaitable<bool> answered();
  asio::awaitable<bool> write(std::string piece);

  stream& connection_;
  chunk_source source_;
  std::shared_ptr<waiting> waiting_; ///< null: before `run`
  milliseconds write_timeout_;
  bool chunked_;
  bool stopped_ = false;
};

} // namespace xprober::net
