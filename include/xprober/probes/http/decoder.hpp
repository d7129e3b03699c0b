#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace xprober::http {

inline constexpr std::size_t max_codings = 4; ///< of one body that are undone

/// Undoes the codings of a body (RFC 9110, section 8.4: gzip, deflate, br, one after the other)
/// piece by piece, in bounded memory: what is decoded is handed on and not kept.
class content_decoder {
public:
  enum class state : std::uint8_t { good, too_large, corrupt };
  using sink = std::function<void(std::string_view)>;

  struct made;
  /// `codings` is the value of Content-Encoding. They are undone from the last one on, up to the
  /// first that is not known: what is inside of that stays as it is. `limit`: bytes that any of the
  /// codings may yield.
  static made make(std::string_view codings, std::uint64_t limit);

  ~content_decoder();
  content_decoder(const content_decoder&) = delete;
  content_decoder& operator=(const content_decoder&) = delete;

  /// Decodes the next piece of the body.
  state feed(std::string_view bytes, const sink& out);

  /// The body has ended: `corrupt` if a coding is not complete.
  state finish() const;

  /// One coding.
  class stage;

private:
  content_decoder(std::vector<std::unique_ptr<stage>> stages, std::uint64_t limit);
  state feed(std::size_t first, std::string_view bytes, const sink& out);

  std::vector<std::unique_ptr<stage>> stages_; ///< in the order they are undone
  std::vector<std::uint64_t> yielded_;         ///< by each, in bytes
  std::uint64_t limit_;
  bool got_some_ = false;
};

/// What undoes the codings of a body.
struct content_decoder::made {
  std::unique_ptr<content_decoder> decoder; ///< null where there is nothing to undo
  std::string unknown;                      ///< the coding that is not known; empty: none
  bool too_many = false;                    ///< more than `max_codings`
};

} // namespace xprober::http
