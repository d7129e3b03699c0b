#include "xprober/domain/targets/target_list_codec.hpp"

#include "xprober/domain/wire/bytes.hpp"

namespace xprober {

namespace {

constexpr unsigned list_version = 1;
constexpr unsigned change_version = 2;
constexpr std::size_t longest_list_text = 64 * 1024;

void write_groups(byte_writer& out, const target_list& list) {
  out.varint(list.size());
  for (const auto& group : list) {
    out.text(group.prober_type);
    out.text(group.region);
    out.varint(group.targets.size());
    for (const auto& target : group.targets) {
      out.text(target);
    }
  }
}

bool read_groups(byte_reader& in, target_list& list) {
  std::uint64_t groups = 0;
  if (!in.varint(groups)) {
    return false;
  }
  list.clear();
  for (std::uint64_t g = 0; g < groups; ++g) {
    target_group group;
    std::uint64_t targets = 0;
    if (!in.text(group.prober_type, longest_list_text) ||
        !in.text(group.region, longest_list_text) || !in.varint(targets) || targets > in.left()) {
      return false;
    }
    for (std::uint64_t t = 0; t < targets; ++t) {
      std::string_view text;
      if (!in.text(text, longest_list_text)) {
        return false;
      }
      group.targets.emplace_back(text);
    }
    list.push_back(std::move(group));
  }
  return true;
}

bool begins_with(byte_reader& in, unsigned version) {
  std::uint8_t found = 0;
  return in.byte(found) && found == version;
}

} // namespace

std::string encode_target_list(const target_list& list, std::string_view revision) {
  std::string bytes;
  byte_writer out{bytes};
  out.byte(list_version);
  out.text(revision);
  write_groups(out, list);
  return bytes;
}

bool decode_target_list(std::string_view bytes, target_list& list, std::string& revision) {
  byte_reader in{bytes};
  return begins_with(in, list_version) && in.text(revision, longest_list_text) &&
         read_groups(in, list) && in.left() == 0;
}

std::string encode_list_change(std::string_view base, std::string_view revision,
                               const target_list& added, const target_list& removed) {
  std::string bytes;
  byte_writer out{bytes};
  out.byte(change_version);
  out.text(base);
  out.text(revision);
  write_groups(out, added);
  write_groups(out, removed);
  return bytes;
}

bool decode_list_change(std::string_view bytes, list_change& out) {
  byte_reader in{bytes};
  return begins_with(in, change_version) && in.text(out.base, longest_list_text) &&
         in.text(out.revision, longest_list_text) && read_groups(in, out.added) &&
         read_groups(in, out.removed) && in.left() == 0;
}

} // namespace xprober
