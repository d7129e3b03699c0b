#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "xprober/domain/kind.hpp"

// A kind's description as batches and records carry it, so that whoever reads them needs to know no
// kind. docs/wire.md describes every byte.

namespace xprober {

/// A kind that outlives whoever described it. Those that are built in are never copied.
using kind_ptr = std::shared_ptr<const probe_kind>;

/// The kind as something that can be kept.
kind_ptr hold_kind(const probe_kind& kind);

/// The longest description that is read.
inline constexpr std::size_t max_kind_bytes = 16'384;

/// The description of a kind, without its length.
std::string encode_kind(const probe_kind& kind);

/// The inverse: null, and `problem` says why, where the bytes describe no kind that can be used.
/// What follows the columns is left to later versions and passed over.
kind_ptr decode_kind(std::string_view bytes, std::string& problem);

} // namespace xprober
