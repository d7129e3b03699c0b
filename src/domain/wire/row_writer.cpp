#include "xprober/domain/wire/row_writer.hpp"

#include "xprober/domain/wire/bytes.hpp"

namespace xprober {

namespace {

/// Times of different signs may differ by more than fits: readers add as this subtracts.
std::int64_t wrapped_difference(std::int64_t a, std::int64_t b) noexcept {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}

} // namespace

void row_writer::add(std::uint32_t target, std::int64_t unix_ms, std::string_view rest) {
  row_.clear();
  byte_writer out{row_};
  out.signed_varint(std::int64_t{target} - next_target_);
  out.signed_varint(wrapped_difference(unix_ms, last_ms_));
  row_ += rest;
  next_target_ = std::int64_t{target} + 1;
  last_ms_ = unix_ms;
  byte_writer{body_}.text(row_);
  ++rows_;
}

} // namespace xprober
