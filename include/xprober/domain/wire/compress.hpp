#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace xprober {

/// Appends `bytes` as one Zstandard frame (RFC 8878) with its content's size and checksum.
void compress(std::string_view bytes, std::string& out);

/// Reads one frame, behind which nothing follows, into `out`. The size that the frame states is
/// looked at first: above `most` nothing is allocated. Returns what is wrong; empty when nothing
/// is.
std::string decompress(std::string_view frame, std::size_t most, std::string& out);

} // namespace xprober
