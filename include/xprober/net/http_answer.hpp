#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xprober/net/head_lines.hpp"

namespace xprober::net {

/// Why there is no answer, or not a whole one.
enum class http_fault : std::uint8_t {
  none,
  unusable,    ///< the request holds what no head can; nothing was sent
  unreachable, ///< there is no connection
  lost,        ///< the server closed the connection
  late,        ///< the deadline was over
  too_large,   ///< the body is above its limit
  overlong,    ///< the head is, in bytes or in fields, or what stands around the body
  malformed,   ///< no HTTP
  aborted,     ///< this side has ended it
};

/// The answer to a request, or as much as came of it.
struct http_answer {
  unsigned status = 0; ///< 0: not even the head came
  std::string reason;  ///< the words behind the status
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body; ///< cut off where `fault` is `too_large` or the answer broke off
  http_fault fault = http_fault::none;
  std::string error; ///< for people; empty where `fault` is `none`

  bool ok() const noexcept { return fault == http_fault::none; }
  /// The value of the first header of this name, whose case does not count; empty without one.
  std::string_view header(std::string_view name) const noexcept;
};

/// How much of an answer is read.
struct http_limits {
  std::uint32_t max_head = 64 * 1024;               ///< bytes
  std::uint64_t max_body = std::uint64_t{1} << 20U; ///< bytes
  std::size_t max_fields = default_max_fields;      ///< of the head and in trailers
};

/// Puts an answer together from the bytes of a connection; does no I/O. Informational answers (1xx)
/// are passed over. All bytes count: what is neither the head nor the body (heads of chunks with
/// their extensions, trailers, informational answers) is limited to `max_head` and eight bytes for
/// each byte of the body, which chunks of one byte need, and what waits for the end of its line to
/// `max_head`. There are at most `max_fields` fields.
class http_answer_reader {
public:
  explicit http_answer_reader(http_limits limits);
  ~http_answer_reader();
  http_answer_reader(const http_answer_reader&) = delete;
  http_answer_reader& operator=(const http_answer_reader&) = delete;

  /// Takes what came from the server.
  void feed(std::string_view bytes);

  /// The server has closed the connection: the end of some answers, and too early for others.
  void end();

  /// Nothing more is needed: the answer is whole, or it is wrong.
  bool done() const noexcept;

  /// True when anything has come.
  bool begun() const noexcept;

  /// True when the answer is whole, the server lets the connection open, and nothing came behind
  /// it.
  bool reusable() const;

  /// What came, once.
  http_answer take();

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace xprober::net
