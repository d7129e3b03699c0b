#include "xprober/config/section.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "xprober/base/private_files.hpp"
#include "xprober/config/checks.hpp"
#include "xprober/config/values.hpp"
#include "xprober/domain/comma_list.hpp"
#include "xprober/domain/size_text.hpp"

namespace xprober::config {

namespace {

std::string from_to(const std::string& least, const std::string& most) {
  return " from " + least + " to " + most;
}

/// Keys of files with secrets: tokens, passwords and private keys. By their names, so that none is
/// forgotten that is added.
bool holds_secret(std::string_view key) {
  constexpr std::array<std::string_view, 4> endings{"token_file", "password_file", "secret_file",
                                                    "key_file"};
  return std::ranges::any_of(endings, [&](auto ending) { return key.ends_with(ending); });
}

/// "prober_targets[12]." as "prober_targets[].".
std::string without_numbers(std::string_view prefix) {
  std::string shape;
  bool inside = false;
  for (const char c : prefix) {
    inside = inside && c != ']';
    if (!inside) {
      shape += c;
    }
    inside = inside || c == '[';
  }
  return shape;
}

} // namespace

check unless_empty(check is_wrong) {
  return [is_wrong = std::move(is_wrong)](std::string_view text) {
    return text.empty() ? std::string{} : is_wrong(text);
  };
}

section::section(node_ptr map, const std::string& prefix, findings& found)
    : section(std::move(map), prefix, without_numbers(prefix), found) {}

section::section(node_ptr map, std::string prefix, std::string shape, findings& found)
    : map_(std::move(map)), prefix_(std::move(prefix)), shape_(std::move(shape)), found_(found) {
  if (!map_ || map_->kind != node::type::map) {
    return;
  }
  for (std::size_t i = 0; i + 1 < map_->children.size(); i += 2) {
    const auto& key = map_->children[i];
    if (key->kind != node::type::scalar) {
      found_.add(*key, prefix_.substr(0, prefix_.empty() ? 0 : prefix_.size() - 1),
                 "a key is " + std::string{to_string(key->kind)} + "; allowed is a name");
      continue;
    }
    const auto [at, is_new] = entries_.try_emplace(key->text, entry{key, map_->children[i + 1]});
    if (!is_new) {
      found_.add(*key, prefix_ + key->text,
                 "is given twice, first on line " + std::to_string(at->second.key->line) +
                     "; remove one of them");
    }
  }
}

section::entry* section::find(std::string_view name) {
  found_.known().insert(shape_ + std::string{name});
  const auto at = entries_.find(name);
  if (at == entries_.end()) {
    return nullptr;
  }
  at->second.asked = true;
  return &at->second;
}

bool section::has(std::string_view name) const { return entries_.contains(name); }

bool section::is_empty_list(std::string_view name) const {
  const auto at = entries_.find(name);
  if (at == entries_.end()) {
    return false;
  }
  const auto& value = *at->second.value;
  return value.kind == node::type::null ||
         (value.kind == node::type::list && value.children.empty());
}

void section::report(std::string_view name, std::string message) {
  const auto at = entries_.find(name);
  if (at != entries_.end()) {
    found_.add(*at->second.key, full_name(name), std::move(message));
  } else if (map_) {
    found_.add(*map_, full_name(name), std::move(message));
  }
}

void section::warn(std::string_view name, std::string message) {
  if (const auto at = entries_.find(name); at != entries_.end()) {
    const auto& key = *at->second.key;
    found_.warn({*key.origin, key.line, full_name(name), std::move(message)});
  }
}

void section::expose(std::string_view name, std::string message) {
  if (const auto at = entries_.find(name); at != entries_.end()) {
    const auto& key = *at->second.key;
    found_.expose({*key.origin, key.line, full_name(name), std::move(message)});
  }
}

void section::wrong(std::string_view name, std::string_view text, std::string_view allowed) {
  report(name, in_quotes(text) + " is not allowed; allowed is " + std::string{allowed});
}

const std::string* section::scalar(std::string_view name, std::string_view allowed) {
  const auto* found = find(name);
  if (found == nullptr) {
    return nullptr;
  }
  if (found->value->kind != node::type::scalar) {
    const bool empty = found->value->kind == node::type::null;
    report(name, (empty ? "has no value" : "is " + std::string{to_string(found->value->kind)}) +
                     "; allowed is " + std::string{allowed});
    return nullptr;
  }
  return &found->value->text;
}

void section::text(std::string_view name, std::string& out, const check& is_wrong) {
  const auto* found = find(name);
  if (found == nullptr) {
    return;
  }
  const auto kind = found->value->kind;
  if (kind == node::type::list || kind == node::type::map) {
    report(name, "is " + std::string{to_string(kind)} + "; allowed is a text");
    return;
  }
  const auto& value = found->value->text;
  if (auto reason = is_wrong ? is_wrong(value) : std::string{}; !reason.empty()) {
    report(name, std::move(reason));
    return;
  }
  out = value;
}

void section::file(std::string_view name, std::string& out) {
  text(name, out, found_.looks_into_files() ? unless_empty(check_readable_file) : check{});
  if (!out.empty() && found_.looks_into_files() && holds_secret(name) && others_can_read(out)) {
    warn(name, "everybody on this machine can read " + out + "; take that away (chmod o-r)");
  }
}

bool section::items(std::string_view name, std::vector<node_ptr>& out) {
  const auto* found = find(name);
  if (found == nullptr) {
    return false;
  }
  switch (found->value->kind) {
  case node::type::null: return true;
  case node::type::scalar: out.push_back(found->value); return true;
  case node::type::map: report(name, "is a section of keys; allowed is a list"); return false;
  case node::type::list: break;
  }
  for (const auto& item : found->value->children) {
    if (item->kind == node::type::scalar) {
      out.push_back(item);
    } else {
      found_.add(*item, full_name(name),
                 "an item is " + std::string{to_string(item->kind)} +
                     "; allowed are single values");
    }
  }
  return true;
}

void section::texts(std::string_view name, std::vector<std::string>& out, const check& is_wrong) {
  std::vector<node_ptr> found;
  if (!items(name, found)) {
    return;
  }
  out.clear();
  for (const auto& item : found) {
    if (auto reason = is_wrong ? is_wrong(item->text) : std::string{}; !reason.empty()) {
      found_.add(*item, full_name(name), std::move(reason));
    } else {
      out.push_back(item->text);
    }
  }
}

void section::boolean(std::string_view name, bool& out) {
  const auto* found = scalar(name, "true or false");
  if (found == nullptr) {
    return;
  }
  if (const auto value = parse_bool(*found)) {
    out = *value;
  } else {
    wrong(name, *found, "true or false");
  }
}

void section::duration(std::string_view name, std::chrono::milliseconds& out,
                       std::chrono::milliseconds least, std::chrono::milliseconds most) {
  const auto allowed =
      "a duration such as 500ms, 5s or 1h30m" + from_to(to_text(least), to_text(most));
  const auto* found = scalar(name, allowed);
  if (found == nullptr) {
    return;
  }
  const auto value = parse_duration(*found);
  if (!value) {
    const bool bare = parse_integer(*found).has_value();
    report(name, in_quotes(*found) + (bare ? " has no unit" : " is not a duration") +
                     "; allowed is " + allowed);
  } else if (*value < least || *value > most) {
    report(name, in_quotes(*found) + " is out of range; allowed is " + allowed);
  } else if (*value % std::chrono::milliseconds{1} != std::chrono::nanoseconds{0}) {
    report(name, in_quotes(*found) + " is finer than a millisecond; allowed is " + allowed);
  } else {
    out = std::chrono::duration_cast<std::chrono::milliseconds>(*value);
  }
}

void section::size(std::string_view name, std::uint64_t& out, std::uint64_t least,
                   std::uint64_t most) {
  const auto allowed =
      "a number of bytes such as 65536, 10MB or 10MiB" + from_to(size_text(least), size_text(most));
  const auto* found = scalar(name, allowed);
  if (found == nullptr) {
    return;
  }
  const auto value = parse_size(*found);
  if (value && *value >= least && *value <= most) {
    out = *value;
  } else {
    wrong(name, *found, allowed);
  }
}

void section::text_map(std::string_view name, std::map<std::string, std::string>& out,
                       const check& name_is_wrong, const check& value_is_wrong) {
  const auto* found = find(name);
  if (found == nullptr) {
    return;
  }
  const auto full = full_name(name);
  out.clear();
  if (found->value->kind == node::type::null) {
    return;
  }
  if (found->value->kind != node::type::map) {
    report(name, "is " + std::string{to_string(found->value->kind)} +
                     "; allowed are names with their values, as in {Accept: text/html}");
    return;
  }
  // Its keys are the user's own, so they are not remembered as known.
  const section inner{found->value, full + ".", found_};
  for (const auto& [key, item] : inner.entries_) {
    const bool is_text = item.value->kind == node::type::scalar;
    if (!is_text && item.value->kind != node::type::null) {
      found_.add(*item.key, full,
                 in_quotes(key) + " is " + std::string{to_string(item.value->kind)} +
                     "; allowed is a text");
      continue;
    }
    auto reason = name_is_wrong(key);
    reason = reason.empty() ? value_is_wrong(item.value->text) : reason;
    if (reason.empty()) {
      out.emplace(key, item.value->text);
    } else {
      found_.add(*item.key, full, std::move(reason));
    }
  }
}

void section::read_integer(std::string_view name, std::int64_t& out, std::int64_t least,
                           std::int64_t most) {
  const auto allowed = "a whole number" + from_to(std::to_string(least), std::to_string(most));
  const auto* found = scalar(name, allowed);
  if (found == nullptr) {
    return;
  }
  const auto value = parse_integer(*found);
  if (value && *value >= least && *value <= most) {
    out = *value;
  } else {
    wrong(name, *found, allowed);
  }
}

void section::read_integers(std::string_view name, std::vector<std::int64_t>& out,
                            std::int64_t least, std::int64_t most) {
  std::vector<node_ptr> found;
  if (!items(name, found)) {
    return;
  }
  out.clear();
  for (const auto& item : found) {
    const auto value = parse_integer(item->text);
    if (value && *value >= least && *value <= most) {
      out.push_back(*value);
    } else {
      found_.add(*item, full_name(name),
                 in_quotes(item->text) + " is not allowed; allowed are whole numbers" +
                     from_to(std::to_string(least), std::to_string(most)));
    }
  }
}

std::size_t section::read_choice(std::string_view name, std::span<const std::string_view> names) {
  const auto allowed = "one of " + comma_list(names);
  const auto* found = scalar(name, allowed);
  if (found == nullptr) {
    return names.size();
  }
  const auto at = std::find(names.begin(), names.end(), *found);
  if (at == names.end()) {
    wrong(name, *found, allowed);
  }
  return static_cast<std::size_t>(at - names.begin());
}

section section::below(std::string_view name) {
  const auto* found = find(name);
  auto map = found == nullptr ? nullptr : found->value;
  if (map && map->kind != node::type::map && map->kind != node::type::null) {
    report(name, "is " + std::string{to_string(map->kind)} + "; allowed is a section of keys");
  }
  return {std::move(map), prefix_ + std::string{name} + ".", shape_ + std::string{name} + ".",
          found_};
}

void section::refuse(std::string_view name, std::string message) {
  if (const auto at = entries_.find(name); at != entries_.end()) {
    at->second.asked = true;
    report(name, std::move(message));
  }
}

std::vector<std::pair<std::string, section>> section::named_below(std::string_view name,
                                                                  const check& is_wrong) {
  std::vector<std::pair<std::string, section>> sections;
  const auto names = below(name);
  for (const auto& [key, item] : names.entries_) {
    const auto kind = item.value->kind;
    auto reason = is_wrong(key);
    if (reason.empty() && kind != node::type::map && kind != node::type::null) {
      reason = "is " + std::string{to_string(kind)} + "; allowed is a section of keys";
    }
    if (reason.empty()) {
      sections.emplace_back(
          key, section{item.value, names.prefix_ + key + ".", names.shape_ + "[].", found_});
    } else {
      found_.add(*item.key, names.full_name(key), std::move(reason));
    }
  }
  return sections;
}

node_ptr section::value(std::string_view name) {
  const auto* found = find(name);
  return found == nullptr ? nullptr : found->value;
}

void section::finish() {
  for (const auto& [name, item] : entries_) {
    if (!item.asked) {
      found_.add_unknown({prefix_, shape_, item.key});
    }
  }
}

} // namespace xprober::config
