#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace xprober::http {

/// How many lines of fields a response may have. Sites set some dozens of cookies, each in a field
/// of its own; a field that is kept takes 64 bytes beside its text, as much as the longest header.
inline constexpr std::size_t max_head_fields = 2000;

/// What the status line and the fields of one response say.
struct response_head {
  std::uint16_t status = 0;            ///< 0: the status line has not been read
  std::uint8_t version = 0;            ///< 10, 11, ...
  std::optional<std::string> location; ///< of the first Location
  std::vector<std::string> set_cookies;
  std::string content_codings;        ///< of all Content-Encoding fields, with commas between them
  std::string transfer_codings;       ///< likewise of Transfer-Encoding
  std::optional<std::string> lengths; ///< likewise of Content-Length
  std::vector<std::pair<std::string, std::string>> fields; ///< all, where they are wanted

  /// True for a response before the one that is asked for: 1xx, but not 101, behind which another
  /// protocol begins.
  bool interim() const noexcept { return status >= 100 && status < 200 && status != 101; }
};

/// Reads the head of an HTTP/1 response (RFC 9112, sections 4 and 5) line by line: strict in what
/// decides how the message is read, and else as generous as clients are. A line may go on in
/// the next one (obs-fold), blanks before a field's colon are dropped, as proxies do, and a line
/// whose name is empty is passed over.
class head_reader {
public:
  enum class state : std::uint8_t { need_line, done, failed, too_many };

  explicit head_reader(bool keep_fields) : keep_fields_(keep_fields) {}

  /// Takes the next line, without the line feed that ends it. `too_many`: there are more than
  /// `max_head_fields` lines of fields.
  state take(std::string_view line);

  const response_head& head() const noexcept { return head_; }

  /// What is wrong with the line that failed.
  const std::string& problem() const noexcept { return problem_; }

private:
  /// Those that something is taken from.
  enum class field : std::uint8_t {
    other,
    location,
    set_cookie,
    content_encoding,
    transfer_encoding,
    content_length
  };

  static field field_of(std::string_view name) noexcept;
  state take_status(std::string_view line);
  state take_field(std::string_view line);
  void end_field();
  void take_value(std::string_view value);
  state fail(std::string_view what, std::string_view line);

  response_head head_;
  bool keep_fields_;
  field field_ = field::other; ///< that the next line may go on with
  std::string name_;           ///< of it, where all are kept; empty: no field, or not kept
  std::string value_;
  std::size_t lines_ = 0; ///< of fields
  std::string problem_;
};

/// How the body of a response ends.
struct body_framing {
  enum class form : std::uint8_t { none, counted, chunked, until_close };
  form how = form::none;
  std::uint64_t length = 0; ///< of a counted one
  std::string codings;      ///< of the transfer, but for "chunked"
  std::string problem;      ///< why it cannot be told; else empty
};

/// RFC 9112, section 6.3. `bodiless`: the answer to a HEAD or CONNECT request. A Transfer-Encoding
/// overrules a Content-Length.
body_framing frame_body(const response_head& head, bool bodiless);

} // namespace xprober::http
