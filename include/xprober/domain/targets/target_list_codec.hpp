#pragma once

#include <string>
#include <string_view>

#include "xprober/domain/target.hpp"

namespace xprober {

/// A target list with its revision as bytes, for a state file: a format of our own, varints and
/// texts as in bytes.hpp.
std::string encode_target_list(const target_list& list, std::string_view revision);

/// Reads what encode_target_list wrote. False if it is something else; the outputs are of no use
/// then.
bool decode_target_list(std::string_view bytes, target_list& list, std::string& revision);

/// What turns the list with the revision `base` into that with `revision`.
struct list_change {
  std::string base;
  std::string revision;
  target_list added;
  target_list removed;

  bool operator==(const list_change&) const = default;
};

/// The same for a change.
std::string encode_list_change(std::string_view base, std::string_view revision,
                               const target_list& added, const target_list& removed);
bool decode_list_change(std::string_view bytes, list_change& out);

} // namespace xprober
