#pragma once

#include <string_view>

#include "xprober/store/never_series.hpp"
#include "xprober/store/store_table.hpp"
#include "xprober/store/target_question.hpp"

namespace xprober {

/// Tells which rows of a table a question is about. What costs least is looked at first, since it
/// is asked of every row.
class target_filter {
public:
  /// The question must outlive it.
  explicit target_filter(const target_question& question) noexcept : question_(question) {}

  bool matches(const store_table::view& row, const store_table& table) const;
  /// The same of what was never reported.
  bool matches(const never_target& row) const;
  /// True if nothing that was never reported can match.
  bool excludes_never() const;

private:
  bool names_match(const store_table::view& row, const store_table& table) const;
  bool labels_match(std::string_view region, std::string_view address,
                    std::string_view prober) const;
  bool status_matches(const store_table::view& row, const store_table& table) const;

  const target_question& question_;
};

} // namespace xprober
