#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "xprober/net/head_lines.hpp"
#include "xprober/net/http_types.hpp"

namespace xprober::net {

/// Why a request cannot be read.
enum class request_fault : std::uint8_t {
  none,
  malformed,        ///< no HTTP
  header_too_large, ///< the head, in bytes or in fields
  body_too_large,
  framing_too_large, ///< what stands around the body: heads of chunks, their extensions, trailers
};

/// How much of a request is read.
struct request_limits {
  std::uint32_t max_header = 16 * 1024;        ///< bytes
  std::uint64_t max_body = 1024 * 1024;        ///< bytes
  std::size_t max_fields = default_max_fields; ///< of the head and in trailers
};

/// Puts the requests of one connection together from its bytes, one after the other; does no I/O.
/// A head is read first, and its body only once it is wanted.
///
/// All bytes count. A head ends within `max_header`, however its lines are cut into pieces. What is
/// neither the head nor the body (heads of chunks with their extensions, trailers) is limited to
/// `max_header` and eight bytes for each byte of the body, which chunks of one byte need, and what
/// waits for the end of its line to `max_header`. There are at most `max_fields` fields, whose
/// memory is many times that of short ones.
class http_request_reader {
public:
  explicit http_request_reader(request_limits limits);
  ~http_request_reader();
  http_request_reader(const http_request_reader&) = delete;
  http_request_reader& operator=(const http_request_reader&) = delete;

  /// Room for `most` bytes from the connection, valid until `commit`.
  std::span<char> prepare(std::size_t most);
  /// So many of them have come; they are parsed as far as they are wanted.
  void commit(std::size_t count);

  /// True when nothing has come of the next request.
  bool empty() const noexcept;
  /// The first byte of it, where `empty` is false.
  char first() const noexcept;

  /// Parses what came behind the last request.
  void resume();

  request_fault fault() const noexcept;
  /// For people; empty where there is no fault.
  const std::string& error() const noexcept;

  /// True when the whole head is there.
  bool has_head() const noexcept;
  /// The head, without a body.
  const http_request& head() const;
  /// True when a body follows the head, of which nothing was parsed yet.
  bool has_body() const;

  /// How long the body is, where the head says so; 0 for one in chunks.
  std::uint64_t named_length() const;

  /// The head was accepted: its body is read, too.
  void want_body();

  /// True when the request is whole.
  bool done() const noexcept;

  /// Bytes in memory: of the request, with what its fields take beside their text, and of what came
  /// behind it.
  std::uint64_t held() const noexcept;

  /// The request, once it is whole; then the next begins.
  http_request take();

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace xprober::net
