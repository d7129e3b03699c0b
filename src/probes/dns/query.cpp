#include "xprober/probes/dns/query.hpp"

#include <algorithm>
#include <string_view>

#include "xprober/domain/ascii.hpp"

namespace xprober::dns_query {

namespace {

/// The bytes of a label up to the next dot that is none of its own; nothing if it cannot be one.
std::optional<std::vector<std::uint8_t>> take_label(std::string_view& name) {
  std::vector<std::uint8_t> label;
  while (!name.empty() && name.front() != '.') {
    if (name.front() != '\\') {
      label.push_back(static_cast<std::uint8_t>(name.front()));
      name.remove_prefix(1);
      continue;
    }
    name.remove_prefix(1);
    if (name.size() >= 3 && std::ranges::all_of(name.substr(0, 3), ascii::is_digit)) {
      const int byte = (name[0] - '0') * 100 + (name[1] - '0') * 10 + (name[2] - '0');
      if (byte > 255) {
        return std::nullopt;
      }
      label.push_back(static_cast<std::uint8_t>(byte));
      name.remove_prefix(3);
    } else if (!name.empty()) {
      label.push_back(static_cast<std::uint8_t>(name.front()));
      name.remove_prefix(1);
    } else {
      return std::nullopt;
    }
  }
  name.remove_prefix(name.empty() ? 0 : 1);
  return label.empty() || label.size() > max_label ? std::nullopt : std::optional{label};
}

bool append_name(std::string_view name, std::vector<std::uint8_t>& out) {
  const auto begun = out.size();
  if (name == ".") {
    name = {};
  }
  while (!name.empty()) {
    const auto label = take_label(name);
    if (!label) {
      return false;
    }
    out.push_back(static_cast<std::uint8_t>(label->size()));
    out.insert(out.end(), label->begin(), label->end());
  }
  out.push_back(0);
  return out.size() - begun <= max_name;
}

void append_u16(std::vector<std::uint8_t>& out, std::uint16_t number) {
  out.push_back(static_cast<std::uint8_t>(number >> 8U));
  out.push_back(static_cast<std::uint8_t>(number));
}

} // namespace

std::optional<std::vector<std::uint8_t>> make_query(std::uint16_t id, const question& what,
                                                    bool recursion_desired) {
  std::vector<std::uint8_t> out;
  out.reserve(header_size + what.name.size() + 6);
  append_u16(out, id);
  append_u16(out, recursion_desired ? 0x0100 : 0);
  append_u16(out, 1);
  out.resize(header_size);
  if (!append_name(what.name, out)) {
    return std::nullopt;
  }
  append_u16(out, what.type);
  append_u16(out, what.klass);
  return out;
}

} // namespace xprober::dns_query
