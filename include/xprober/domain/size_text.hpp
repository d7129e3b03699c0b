#pragma once

#include <cstdint>
#include <string>

namespace xprober {

/// A number of bytes in the largest unit that leaves no rest, as a configuration has it: "10MiB",
/// "1536".
std::string size_text(std::uint64_t bytes);

/// The same for a sentence: "10 MiB", "1536 bytes".
std::string size_in_words(std::uint64_t bytes);

} // namespace xprober
