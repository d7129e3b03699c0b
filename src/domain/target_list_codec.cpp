#include "xprober/domain/target_list_codec.hpp"

#include "xprober/domain/bytes.hpp"

namespace xprober {

namespace {

constexpr unsigned version = 1;
constexpr std::size_t longest_text = 64 * 1024;

} // namespace

std::string encode_target_list(const target_list& list, std::string_view revision) {
  std::string bytes;
  byte_writer out{bytes};
  out.byte(version);
  out.text(revision);
  out.varint(list.size());
  for (const auto& group : list) {
    out.text(group.prober_type);
    out.text(group.region);
    out.varint(group.targets.size());
    for (const auto& target : group.targets) {
      out.text(target);
    }
  }
  return bytes;
}

bool decode_target_list(std::string_view bytes, target_list& list, std::string& revision) {
  byte_reader in{bytes};
  std::uint8_t found = 0;
  std::string_view text;
  std::uint64_t groups = 0;
  if (!in.byte(found) || found != version || !in.text(text, longest_text) || !in.varint(groups)) {
    return false;
  }
  revision = text;
  list.clear();
  for (std::uint64_t g = 0; g < groups; ++g) {
    target_group group;
    std::string_view region;
    std::uint64_t targets = 0;
    if (!in.text(text, longest_text) || !in.text(region, longest_text) || !in.varint(targets) ||
        targets > in.left()) {
      return false;
    }
    group.prober_type = text;
    group.region = region;
    for (std::uint64_t t = 0; t < targets; ++t) {
      if (!in.text(text, longest_text)) {
        return false;
      }
      group.targets.emplace_back(text);
    }
    list.push_back(std::move(group));
  }
  return in.left() == 0;
}

} // namespace xprober
