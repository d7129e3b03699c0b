#include "xprober/domain/wire/kind_codec.hpp"

#include <unordered_map>
#include <utility>
#include <vector>

#include "xprober/domain/kind_table.hpp"
#include "xprober/domain/wire/bytes.hpp"

namespace xprober {

namespace {

constexpr std::size_t longest_wire_text = 256;

constexpr unsigned is_mesh = 1;
constexpr unsigned in_own_region = 2;
constexpr unsigned is_kept = 1;
constexpr unsigned has_missing = 2;

/// The descriptions of the built-in kinds, for kinds that are described in the same words.
const std::unordered_map<std::string, kind_ptr>& known_descriptions() {
  static const auto known = [] {
    std::unordered_map<std::string, kind_ptr> all;
    for (const auto& kind : builtin_kinds()) {
      all.emplace(encode_kind(kind), hold_kind(kind));
    }
    return all;
  }();
  return known;
}

/// A value that this version does not know becomes `otherwise`.
template <class Enum>
Enum to_enum(std::uint8_t value, std::size_t count, Enum otherwise) {
  return value < count ? static_cast<Enum>(value) : otherwise;
}

bool read_column(byte_reader& in, kind_column& column, std::string& problem) {
  std::uint8_t role = 0;
  std::uint8_t form = 0;
  std::uint8_t flags = 0;
  float missing = 0;
  if (!in.text(column.key, longest_wire_text) || !in.text(column.old_name, longest_wire_text) ||
      !in.text(column.name, longest_wire_text) || !in.text(column.phase, longest_wire_text) ||
      !in.text(column.unit, longest_wire_text) || !in.byte(role) || !in.byte(form) ||
      !in.byte(flags) || ((flags & has_missing) != 0 && !in.float32(missing))) {
    problem = "the description of a kind is cut short";
    return false;
  }
  if (form >= column_form_count) {
    problem = "column " + column.key + " is written in a form that is not known here";
    return false;
  }
  column.role = to_enum(role, column_role_count, column_role::gauge);
  column.form = static_cast<column_form>(form);
  column.kept = (flags & is_kept) != 0;
  if ((flags & has_missing) != 0) {
    column.old_missing = missing;
  }
  return true;
}

bool read_kind(byte_reader in, probe_kind& kind, std::string& problem) {
  std::uint8_t takes = 0;
  std::uint8_t group = 0;
  std::uint8_t flags = 0;
  std::uint64_t columns = 0;
  if (!in.text(kind.name, longest_wire_text) || !in.byte(takes) || !in.byte(group) ||
      !in.byte(flags) || !in.float32(kind.failed) || !in.varint(columns)) {
    problem = "the description of a kind is cut short";
    return false;
  }
  if (columns > max_kind_columns) {
    problem =
        "kind " + kind.name + " has more than " + std::to_string(max_kind_columns) + " columns";
    return false;
  }
  kind.takes = to_enum(takes, target_form_count, target_form::url);
  kind.grouped_by = group == static_cast<std::uint8_t>(result_group::pair) ? result_group::pair
                                                                           : result_group::address;
  kind.mesh = (flags & is_mesh) != 0;
  kind.own_region = (flags & in_own_region) != 0;
  for (std::uint64_t i = 0; i < columns; ++i) {
    if (!read_column(in, kind.columns.emplace_back(), problem)) {
      return false;
    }
  }
  problem = kind_problem(kind);
  return problem.empty();
}

} // namespace

kind_ptr hold_kind(const probe_kind& kind) {
  const auto kinds = builtin_kinds();
  if (&kind >= kinds.data() && &kind < kinds.data() + kinds.size()) {
    return {kind_ptr{}, &kind}; // it lives as long as the program
  }
  return std::make_shared<const probe_kind>(kind);
}

std::string encode_kind(const probe_kind& kind) {
  std::string bytes;
  byte_writer out{bytes};
  out.text(kind.name);
  out.byte(static_cast<unsigned>(kind.takes));
  out.byte(static_cast<unsigned>(kind.grouped_by));
  out.byte((kind.mesh ? is_mesh : 0U) | (kind.own_region ? in_own_region : 0U));
  out.float32(kind.failed);
  out.varint(kind.columns.size());
  for (const auto& column : kind.columns) {
    for (const auto* text :
         {&column.key, &column.old_name, &column.name, &column.phase, &column.unit}) {
      out.text(*text);
    }
    out.byte(static_cast<unsigned>(column.role));
    out.byte(static_cast<unsigned>(column.form));
    out.byte((column.kept ? is_kept : 0U) | (column.old_missing ? has_missing : 0U));
    if (column.old_missing) {
      out.float32(*column.old_missing);
    }
  }
  return bytes;
}

kind_ptr decode_kind(std::string_view bytes, std::string& problem) {
  problem.clear();
  if (const auto found = known_descriptions().find(std::string{bytes});
      found != known_descriptions().end()) {
    return found->second;
  }
  auto kind = std::make_shared<probe_kind>();
  if (!read_kind(byte_reader{bytes}, *kind, problem)) {
    return nullptr;
  }
  return kind;
}

} // namespace xprober
