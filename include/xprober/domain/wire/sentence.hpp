#pragma once

#include <string>
#include <string_view>

namespace xprober {

/// At most `longest` bytes of a text in UTF-8, cut in front of a character.
std::string_view cut_text(std::string_view text, std::size_t longest) noexcept;

/// A sentence as a batch has it: clean text of `max_batch_detail` bytes at most. It may quote what
/// a stranger said, so ASCII control characters become blanks, and what else is no clean text
/// U+FFFD.
std::string clean_sentence(std::string_view text);

} // namespace xprober
