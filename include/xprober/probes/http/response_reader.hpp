#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "xprober/domain/probe_result.hpp"

namespace xprober::http {

struct read_limits {
  std::size_t header = 64UL * 1024; ///< bytes of the status line and the fields, and of trailers
  std::uint64_t body = 10UL * 1024 * 1024; ///< as it comes, and again after it was decoded
};

/// What is kept of a response beside what every probe needs.
struct kept_parts {
  bool fields = false;  ///< all fields of the header
  std::size_t body = 0; ///< so many bytes of the decoded body
};

/// Reads one HTTP/1 response from the bytes of a connection: passes over interim (1xx) responses,
/// keeps the few fields a probe needs, undoes the body's coding, and counts and drops it. Holds at
/// most the header's limit, one read, and what it was told to keep. Does no I/O.
class response_reader {
public:
  enum class state : std::uint8_t { need_more, done, failed };

  /// `bodiless`: the response is to a HEAD or CONNECT request.
  explicit response_reader(read_limits limits, bool bodiless = false, kept_parts keep = {});
  ~response_reader();

  /// Room for the next read.
  std::span<char> prepare();

  /// Takes the first `n` bytes that were read into the last `prepare()`.
  state commit(std::size_t n);

  /// The connection ended: a body without a length is complete unless the end was `cut`, anything
  /// else is cut short.
  state end_of_stream(bool cut = false);

  /// True once the final response's status and fields are known.
  bool header_done() const noexcept;

  std::uint16_t status() const noexcept; ///< 0 until a final status line was read
  const std::optional<std::string>& location() const noexcept;
  const std::vector<std::string>& set_cookies() const noexcept;
  std::uint64_t body_bytes() const noexcept; ///< as they came
  std::uint64_t decoded_bytes() const noexcept;
  std::uint8_t version() const noexcept; ///< 10, 11; 0 until a final status line was read
  const std::vector<std::pair<std::string, std::string>>& fields() const noexcept;
  const std::string& body() const noexcept; ///< decoded; as much as was to be kept

  /// What came after the end of the response.
  std::size_t bytes_left() const noexcept;

  /// Of a failed response: http_malformed, http_header_too_large,
  /// http_body_too_large, http_decoded_too_large, http_bad_encoding or http_early_close.
  probe_error error() const noexcept;
  const std::string& detail() const noexcept;

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace xprober::http
