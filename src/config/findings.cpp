#include "xprober/config/section.hpp"

#include <algorithm>

#include "xprober/domain/spelling.hpp"

namespace xprober::config {

namespace {

constexpr std::size_t max_problems = 100;

std::string_view last_part(std::string_view key) noexcept {
  const auto dot = key.rfind('.');
  return dot == key.npos ? key : key.substr(dot + 1);
}

std::string_view first_parts(std::string_view key) noexcept {
  return key.substr(0, key.size() - last_part(key).size());
}

/// The known key that is meant most likely: one of the same section that is spelled alike, else one
/// of that very name elsewhere. Empty if there is none.
std::string nearest(std::string_view section, std::string_view name, const key_set& known) {
  spelling search{name};
  for (const auto& key : known) {
    if (first_parts(key) == section) {
      search.offer(last_part(key));
    }
  }
  if (!search.best().empty()) {
    return search.best();
  }
  const auto elsewhere = std::find_if(
      known.begin(), known.end(), [&](const std::string& key) { return last_part(key) == name; });
  return elsewhere == known.end() ? std::string{} : *elsewhere;
}

} // namespace

void findings::add(const node& where, std::string key, std::string message) {
  if (problems_.size() >= max_problems) {
    ++left_out_;
    return;
  }
  problems_.push_back({*where.origin, where.line, std::move(key), std::move(message)});
}

bool findings::has_enough_warnings() const noexcept { return warnings_.size() >= max_problems; }

void findings::warn(problem warning) {
  if (!has_enough_warnings()) {
    warnings_.push_back(std::move(warning));
  }
}

std::vector<problem> findings::take_warnings() {
  std::ranges::stable_sort(warnings_, {}, &problem::line);
  return std::move(warnings_);
}

void findings::report_unknown(const key_set& others, std::string_view other_name) {
  for (const auto& [section, shape, key] : unknown_) {
    const auto full = section + key->text;
    std::string message = "is not a known key";
    if (others.contains(full)) {
      message += " here; it belongs in ";
      message += other_name;
    } else if (const auto meant = nearest(shape, key->text, known_); !meant.empty()) {
      message += "; do you mean " + meant + "?";
    } else {
      message += "; remove it";
    }
    // A name from outside must not break the line that names it.
    const auto shown = in_quotes(full);
    add(*key, shown == "'" + full + "'" ? full : shown, message);
  }
  unknown_.clear();
}

std::vector<problem> findings::take() {
  // Line 0 is an override's or the whole file's; a file that cannot be read is alone anyway.
  std::stable_sort(problems_.begin(), problems_.end(), [](const problem& a, const problem& b) {
    return (a.line == 0 ? INT32_MAX : a.line) < (b.line == 0 ? INT32_MAX : b.line);
  });
  if (left_out_ > 0) {
    problems_.push_back({problems_.front().file, 0, "",
                         "has " + std::to_string(left_out_) + " more problems, not shown"});
  }
  return std::move(problems_);
}

} // namespace xprober::config
