#include "xprober/config/problem.hpp"

#include "xprober/base/log_line.hpp"
#include "xprober/domain/target_text.hpp"

namespace xprober::config {

namespace {

std::string text_of(const problem& p, std::string_view kind) {
  std::string text = p.file;
  if (p.line > 0) {
    text += ":" + std::to_string(p.line);
  }
  text += kind;
  // An override names its key already.
  if (!p.key.empty() && p.file != "--set " + p.key) {
    text += ": " + p.key;
  }
  return text + ": " + p.message;
}

} // namespace

std::string to_string(const problem& p) { return text_of(p, ""); }

std::vector<std::string> warning_texts(const std::vector<problem>& warnings) {
  std::vector<std::string> texts;
  texts.reserve(warnings.size());
  for (const auto& warning : warnings) {
    texts.push_back(text_of(warning, ": warning"));
  }
  return texts;
}

std::string to_string(const std::vector<problem>& problems) {
  std::string text;
  for (const auto& p : problems) {
    text += to_string(p) + "\n";
  }
  return text;
}

std::string in_quotes(std::string_view text) {
  constexpr std::size_t most = 80;
  std::string out = "'";
  if (text.size() <= most) {
    log::append_escaped(out, text);
  } else {
    // Not in the middle of a character of UTF-8.
    std::size_t end = most;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0u) == 0x80u) {
      --end;
    }
    log::append_escaped(out, text.substr(0, end));
    out += "...";
  }
  return out + "'";
}

std::string quoted_url(std::string_view text) { return in_quotes(without_user(text)); }

} // namespace xprober::config
