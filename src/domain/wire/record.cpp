#include "xprober/domain/wire/record.hpp"

#include "xprober/domain/wire/bytes.hpp"
#include "xprober/domain/wire/compress.hpp"

namespace xprober {

namespace {

constexpr std::size_t longest_text = std::size_t{1} << 20;
/// Six lengths, a stamp and a number.
constexpr std::size_t least_entry = 7;

std::string packed(const std::string& body) {
  std::string out;
  compress(body, out);
  return out;
}

/// Unpacks into `body` and reads the number of entries; what is wrong, or nothing.
std::string unpack(std::string_view bytes, std::string& body, std::uint64_t& count,
                   std::size_t& offset) {
  if (auto problem = decompress(bytes, max_record_bytes, body); !problem.empty()) {
    return problem;
  }
  byte_reader in{body};
  if (!in.varint(count) || count > in.left() / least_entry) {
    return "the number of entries is wrong";
  }
  offset = body.size() - in.left();
  return {};
}

} // namespace

std::string encode_values(const std::vector<wire_value>& values) {
  std::string body;
  byte_writer out{body};
  out.varint(values.size());
  for (const auto& v : values) {
    for (const auto* text : {&v.worker_name, &v.metric_name, &v.target_addr, &v.source_region,
                             &v.target_region, &v.probe_type}) {
      out.text(*text);
    }
    out.signed_varint(v.unix_seconds);
    out.float32(v.value);
  }
  return packed(body);
}

std::string decode_values(std::string_view bytes, std::vector<wire_value>& out) {
  std::string body;
  std::uint64_t count = 0;
  std::size_t offset = 0;
  if (auto problem = unpack(bytes, body, count, offset); !problem.empty()) {
    return problem;
  }
  byte_reader in{std::string_view{body}.substr(offset)};
  out.clear();
  out.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    wire_value v;
    if (!in.text(v.worker_name, longest_text) || !in.text(v.metric_name, longest_text) ||
        !in.text(v.target_addr, longest_text) || !in.text(v.source_region, longest_text) ||
        !in.text(v.target_region, longest_text) || !in.text(v.probe_type, longest_text) ||
        !in.signed_varint(v.unix_seconds) || !in.float32(v.value)) {
      return "a value is cut short";
    }
    out.push_back(std::move(v));
  }
  return {};
}

std::string encode_ended(const std::vector<ended_series>& series) {
  std::string body;
  byte_writer out{body};
  out.varint(series.size());
  for (const auto& s : series) {
    for (const auto* text :
         {&s.source_region, &s.agent, &s.target_region, &s.target, &s.probe_type}) {
      out.text(*text);
    }
    out.byte(static_cast<unsigned>(s.form));
    out.signed_varint(s.unix_ms);
  }
  return packed(body);
}

std::string decode_ended(std::string_view bytes, std::vector<ended_series>& out) {
  std::string body;
  std::uint64_t count = 0;
  std::size_t offset = 0;
  if (auto problem = unpack(bytes, body, count, offset); !problem.empty()) {
    return problem;
  }
  byte_reader in{std::string_view{body}.substr(offset)};
  out.clear();
  out.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    ended_series s;
    std::uint8_t form = 0;
    if (!in.text(s.source_region, longest_text) || !in.text(s.agent, longest_text) ||
        !in.text(s.target_region, longest_text) || !in.text(s.target, longest_text) ||
        !in.text(s.probe_type, longest_text) || !in.byte(form) || !in.signed_varint(s.unix_ms)) {
      return "a series is cut short";
    }
    s.form = form == 0 ? row_form::icmp : row_form::http;
    out.push_back(std::move(s));
  }
  return {};
}

std::uint32_t count_values(const batch_row& row, row_form form) noexcept {
  if (row.verdict == row_verdict::none) {
    return 0;
  }
  if (form == row_form::icmp) {
    return row.verdict == row_verdict::not_sent ? 1 : 3;
  }
  std::uint32_t count = 1;
  for (const auto& ms : row.http.phases_ms) {
    count += ms ? 1 : 0;
  }
  return count;
}

} // namespace xprober
