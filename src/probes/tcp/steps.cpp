#include "xprober/probes/tcp/steps.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <utility>

#include <re2/re2.h>

#include "xprober/domain/ascii.hpp"

namespace xprober::tcp {

namespace {

using re2::RE2;
using re2::StringPiece;

/// Takes the name of a group off the front of `text`, which stands behind a '$': the longest run of
/// word characters, or what is in braces. Empty, and nothing taken, if it is no name.
std::string_view take_name(std::string_view& text) {
  const bool braces = text.starts_with('{');
  const auto from = text.substr(braces ? 1 : 0);
  const auto end = std::find_if_not(from.begin(), from.end(), ascii::is_word_char);
  const auto name = from.substr(0, static_cast<std::size_t>(end - from.begin()));
  if (name.empty() || (braces && !from.substr(name.size()).starts_with('}'))) {
    return {};
  }
  text.remove_prefix(name.size() + (braces ? 2 : 0));
  return name;
}

std::string_view group_of(std::string_view name, const RE2& expression,
                          const std::vector<StringPiece>& groups) {
  std::size_t number = groups.size();
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc{} || end != name.data() + name.size()) {
    const auto& names = expression.NamedCapturingGroups();
    const auto at = names.find(std::string{name});
    number = at == names.end() ? groups.size() : static_cast<std::size_t>(at->second);
  }
  return number < groups.size() ? std::string_view{groups[number].data(), groups[number].size()}
                                : std::string_view{};
}

/// An expression that can be used at all.
std::unique_ptr<const RE2> compiled(const std::string& text, RE2::Options::Encoding encoding) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_encoding(encoding);
  return std::make_unique<const RE2>(text, options);
}

bool is_utf8(StringPiece line) {
  static const RE2 any{"(?s).*"};
  return RE2::FullMatch(line, any);
}

/// As Go's Regexp.Expand: "$1", "${1}", "${name}"; "$$" is a '$'.
std::string expand(std::string_view text, const RE2& expression,
                   const std::vector<StringPiece>& groups) {
  std::string out;
  while (!text.empty()) {
    const auto at = text.find('$');
    out += text.substr(0, at);
    if (at == std::string_view::npos) {
      break;
    }
    text.remove_prefix(at + 1);
    if (text.starts_with('$')) {
      out += '$';
      text.remove_prefix(1);
    } else if (const auto name = take_name(text); !name.empty()) {
      out += group_of(name, expression, groups);
    } else {
      out += '$';
    }
  }
  return out;
}

} // namespace

step::step(const tcp_step& config, const std::string& key)
    : send_(config.send), starttls_(config.starttls) {
  if (config.expect.empty()) {
    return;
  }
  expect_ = compiled(config.expect, RE2::Options::EncodingUTF8);
  if (!expect_->ok()) {
    throw std::runtime_error(key + ".expect: '" + config.expect +
                             "' is not a regular expression: " + expect_->error());
  }
  // A '.' of UTF-8 is no byte of a line that has others: such lines are read byte by byte.
  auto of_bytes = compiled(config.expect, RE2::Options::EncodingLatin1);
  bytes_ = of_bytes->ok() ? std::move(of_bytes) : nullptr;
}

step::~step() = default;
step::step(step&&) noexcept = default;
step& step::operator=(step&&) noexcept = default;

std::string step::expression() const { return expect_ ? expect_->pattern() : std::string{}; }

std::optional<std::string> step::match(std::string_view line) const {
  const StringPiece text(line.data(), line.size());
  const auto& expression = bytes_ && !is_utf8(text) ? *bytes_ : *expect_;
  const auto count = static_cast<std::size_t>(expression.NumberOfCapturingGroups()) + 1;
  std::vector<StringPiece> groups(count);
  if (!expression.Match(text, 0, line.size(), RE2::UNANCHORED, groups.data(),
                        static_cast<int>(count))) {
    return std::nullopt;
  }
  return expand(send_, expression, groups);
}

std::vector<step> make_steps(const std::vector<tcp_step>& config) {
  std::vector<step> steps;
  steps.reserve(config.size());
  for (std::size_t i = 0; i < config.size(); ++i) {
    steps.emplace_back(config[i], "tcp.query_response[" + std::to_string(i) + "]");
  }
  return steps;
}

} // namespace xprober::tcp
