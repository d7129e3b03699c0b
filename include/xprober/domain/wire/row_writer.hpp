#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "xprober/domain/wire/batch.hpp"

namespace xprober {

/// Writes the rows of a batch anew, some of them left out or with other times; what stands before
/// the rows stays as it is, names that no row uses any more among it.
class row_writer {
public:
  /// `names`: of the body, see `batch_parser::names`.
  explicit row_writer(std::string_view names) : body_(names) {}

  /// `rest`: see `batch_parser::rest`.
  void add(std::uint32_t target, std::int64_t unix_ms, std::string_view rest);

  std::uint32_t rows() const noexcept { return rows_; }
  /// Uncompressed. Times that were put right can make it longer than readers take.
  bool fits() const noexcept { return body_.size() <= max_batch_body; }
  std::string take_body() { return std::move(body_); }

private:
  std::string body_;
  std::string row_;
  std::int64_t next_target_ = 0;
  std::int64_t last_ms_ = 0;
  std::uint32_t rows_ = 0;
};

} // namespace xprober
