#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace xprober {

/// Appends `bytes` as one Zstandard frame (RFC 8878) with its content's size and checksum.
void compress(std::string_view bytes, std::string& out);

/// Reads one frame, behind which nothing follows, into `out`. The size that the frame states is
/// looked at first: above `most` nothing is allocated. Returns what is wrong; empty when nothing
/// is.
std::string decompress(std::string_view frame, std::size_t most, std::string& out);

/// How many bytes a frame says that it holds; nothing where it does not say, or is none.
std::optional<std::uint64_t> stated_size(std::string_view frame) noexcept;

/// The first `most` bytes of what a frame holds, or fewer where it ends before or is damaged there;
/// no more of it is unpacked than its first block, 128 KiB.
std::string decompress_front(std::string_view frame, std::size_t most);

} // namespace xprober
