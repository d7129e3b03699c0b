// What strangers' names become in metrics, pages, JSON and logs: nothing in them ends the place
// they stand in, and they can be read back.

#include <cmath>
#include <limits>

#include <nlohmann/json.hpp>

#include "fuzz/support/fuzz.hpp"
#include "xprober/domain/base64.hpp"
#include "xprober/domain/label_text.hpp"
#include "xprober/domain/percent.hpp"
#include "xprober/domain/targets/target_labels.hpp"
#include "xprober/domain/text_template.hpp"
#include "xprober/domain/wire/sentence.hpp"
#include "xprober/net/http_types.hpp"
#include "xprober/web/prometheus_text.hpp"
#include "xprober/web/text.hpp"

namespace xprober::fuzz_labels {

namespace {

using namespace fuzz;

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  for (auto at = text.find(what); at != text.npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
  return text;
}

/// A label's value as a reader of the text format has it; it must end at the first quote.
std::string read_label(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    require(text[i] != '"' && text[i] != '\n', "nothing ends a label but its end");
    if (text[i] == '\\') {
      ++i;
      require(i < text.size() && (text[i] == '\\' || text[i] == '"' || text[i] == 'n'),
              "an escape is one of the three");
      out += text[i] == 'n' ? '\n' : text[i];
    } else {
      out += text[i];
    }
  }
  return out;
}

void check_metric(std::string_view text, const std::string& valid) {
  web::prometheus_text metrics;
  metrics.family("m", web::metric_type::gauge, text);
  require(metrics.sample(1, {{"l", text}}), "a series is new");
  require(!metrics.sample(2, {{"l", text}}), "a series is written once");
  const auto written = metrics.take();
  require(std::ranges::count(written, '\n') == 3, "HELP, TYPE and the series have a line each");
  constexpr std::string_view before = "\nm{l=\"";
  constexpr std::string_view behind = "\"} 1\n";
  const auto begin = written.find(before) + before.size();
  require(begin >= before.size() && written.ends_with(behind), "a series stands in its form");
  require(read_label(std::string_view{written}.substr(begin, written.size() - begin -
                                                                 behind.size())) == valid,
          "a label can be read back");
  web::prometheus_text messages{web::metric_format::protobuf};
  messages.family("m", web::metric_type::counter, text);
  messages.sample(1, {{"l", text}});
  require(messages.take().find(valid) != std::string::npos, "a label stands in a message as it is");
}

void check_page(std::string_view text, const std::string& valid) {
  const auto escaped = web::html_escape(text);
  require(escaped.find_first_of("<>\"'") == escaped.npos && escaped.find('\0') == escaped.npos,
          "nothing ends an attribute or begins a tag");
  auto read = replaced(escaped, "&lt;", "<");
  read = replaced(read, "&gt;", ">");
  read = replaced(read, "&quot;", "\"");
  read = replaced(read, "&#39;", "'");
  read = replaced(read, "&amp;", "&");
  require(read == replaced(valid, std::string_view{"\0", 1}, "\xEF\xBF\xBD"),
          "what is escaped can be read back");
}

void check_json(std::string_view text, const std::string& valid) {
  const auto quoted = net::json_quote(text);
  require(std::ranges::none_of(quoted, [](char c) { return static_cast<unsigned char>(c) < 0x20; }),
          "a text of JSON has no control characters");
  const auto read = nlohmann::json::parse(quoted, nullptr, false);
  require(read.is_string(), "a text of JSON is one");
  require(!is_utf8(text) || read.get<std::string>() == valid, "a text of JSON can be read back");
}

void check_domain(std::string_view text) {
  const auto sentence = clean_sentence(text);
  require(is_clean_text(sentence) && sentence.size() <= 400, "a sentence is clean text");
  require(clean_sentence(sentence) == sentence, "a clean sentence stays");
  require(text.starts_with(cut_text(text, 10)) && cut_text(text, 10).size() <= 10,
          "a text is cut at its end");
  require(!is_clean_text(text) || is_utf8(text), "clean text is valid UTF-8");
  require(is_clean_text(shown_text(text)), "what is shown is clean text");
  require(!is_region_name(text) || is_clean_text(text), "a region is clean text");
  require(read_base64url(base64url(text)) == std::string{text}, "base64 can be read back");
  if (const auto read = read_base64url(text)) {
    require(base64url(*read) == text, "base64 has one form");
  }
  require(percent_decode(text).size() <= text.size(), "decoding makes nothing longer");
  for (const auto& [name, value] : series_labels({{std::string{text}, "value"}})) {
    require(!is_own_label(name), "a label of our own stays ours");
  }
  prober_name{text}.takes();
}

void check_template(std::string_view text) {
  std::string error;
  const auto read = text_template::parse(text, error);
  require(read.has_value() == error.empty(), "there is a template or a reason");
  if (!read) {
    return;
  }
  const auto same =
      read->fill([](std::string_view name) { return "{{" + std::string{name} + "}}"; });
  const auto again = text_template::parse(same, error);
  require(again && *again == *read, "a template is the same after it was written and read");
  const auto empty = read->fill([](std::string_view) { return std::string{}; });
  require(empty.size() <= text.size(), "a template adds nothing of its own");
}

void check_number(std::string_view text) {
  std::uint64_t bits = 0;
  for (const char c : text.substr(0, 8)) {
    bits = (bits << 8U) | static_cast<unsigned char>(c);
  }
  double value = 0;
  static_assert(sizeof value == sizeof bits);
  std::copy_n(reinterpret_cast<const char*>(&bits), sizeof bits, reinterpret_cast<char*>(&value));
  const auto written = web::number_text(value);
  require(std::isnan(value) ? written == "NaN"
                            : std::isinf(value) || std::strtod(written.c_str(), nullptr) == value,
          "a number can be read back");
  if (std::isfinite(value)) {
    web::rounded(value);
  }
}

} // namespace

XPROBER_FUZZ(labels) {
  const auto valid = web::valid_utf8(bytes);
  require(is_utf8(valid), "what was made valid is valid");
  require(!is_utf8(bytes) || valid == bytes, "what is valid stays");
  check_metric(bytes, valid);
  check_page(bytes, valid);
  check_json(bytes, valid);
  check_domain(bytes);
  check_template(bytes);
  check_number(bytes);
}

} // namespace xprober::fuzz_labels
