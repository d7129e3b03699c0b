#include "xprober/probes/http/story_writer.hpp"

#include <algorithm>
#include <charconv>

#include "xprober/domain/ascii.hpp"
#include "xprober/probes/http/cookies.hpp"

namespace xprober::http {

namespace {

/// The value of a header of the answer; null: it has none.
const std::string* find_field(const response_reader& reader, std::string_view name) {
  const auto& fields = reader.fields();
  const auto at =
      std::ranges::find_if(fields, [&](const auto& f) { return ascii::same(f.first, name); });
  return at == fields.end() ? nullptr : &at->second;
}

std::int64_t stated_length(const response_reader& reader) {
  const auto* text = find_field(reader, "Content-Length");
  std::int64_t length = -1;
  if (text && !find_field(reader, "Transfer-Encoding")) {
    std::from_chars(text->data(), text->data() + text->size(), length);
  } else if (reader.status() == 204) {
    length = 0; // RFC 9110, section 15.3.5: it has no content
  }
  return length;
}

nanoseconds to_nanoseconds(float ms) {
  return std::chrono::duration_cast<nanoseconds>(std::chrono::duration<double, std::milli>{ms});
}

} // namespace

void story_writer::add(http_phase phase, nanoseconds took) {
  auto& sum = story_->phases[static_cast<std::size_t>(phase)];
  sum = sum.value_or(nanoseconds{0}) + took;
}

void story_writer::resolved(nanoseconds took) { add(http_phase::resolve, took); }

void story_writer::answered(const response_reader& reader, bool over_tls) {
  story_->content_length = stated_length(reader);
  story_->decoded_bytes = reader.decoded_bytes();
  story_->over_tls = over_tls;
  const auto* modified = find_field(reader, "Last-Modified");
  story_->last_modified_unix = modified ? parse_cookie_date(*modified) : std::nullopt;
}

std::vector<std::pair<std::string, std::string>> story_writer::hop_done(const phase_trace& trace,
                                                                        std::uint16_t number) {
  http_summary hop;
  trace.fill(hop);
  std::vector<std::pair<std::string, std::string>> fields{{"roundtrip", std::to_string(number)}};
  for (std::size_t i = 0; i < http_phase_count; ++i) {
    const auto phase = static_cast<http_phase>(i);
    if (!hop.phases_ms[i]) {
      continue;
    }
    if (phase != http_phase::resolve) {
      add(phase, to_nanoseconds(*hop.phases_ms[i]));
    }
    fields.emplace_back(std::string{to_string(phase)} + "_ms", std::to_string(*hop.phases_ms[i]));
  }
  return fields;
}

} // namespace xprober::http
