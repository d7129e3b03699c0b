#include "xprober/domain/wire/record.hpp"

#include <map>

#include "xprober/domain/wire/bytes.hpp"
#include "xprober/domain/wire/compress.hpp"

namespace xprober {

namespace {

constexpr std::size_t longest_record_text = std::size_t{1} << 20;
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
    if (!in.text(v.worker_name, longest_record_text) ||
        !in.text(v.metric_name, longest_record_text) ||
        !in.text(v.target_addr, longest_record_text) ||
        !in.text(v.source_region, longest_record_text) ||
        !in.text(v.target_region, longest_record_text) ||
        !in.text(v.probe_type, longest_record_text) || !in.signed_varint(v.unix_seconds) ||
        !in.float32(v.value)) {
      return "a value is cut short";
    }
    out.push_back(std::move(v));
  }
  return {};
}

bool ended_series::operator==(const ended_series& other) const {
  const bool same_kind =
      kind == other.kind || (kind != nullptr && other.kind != nullptr && *kind == *other.kind);
  return same_kind && source_region == other.source_region && agent == other.agent &&
         target_region == other.target_region && target == other.target &&
         probe_type == other.probe_type && unix_ms == other.unix_ms;
}

std::string encode_ended(const std::vector<ended_series>& series) {
  std::string body;
  byte_writer out{body};
  out.varint(series.size());
  std::string kinds;
  std::map<const probe_kind*, std::uint64_t> numbers;
  for (const auto& s : series) {
    if (numbers.try_emplace(s.kind.get(), numbers.size()).second) {
      byte_writer{kinds}.text(encode_kind(*s.kind));
    }
  }
  out.varint(numbers.size());
  body += kinds;
  for (const auto& s : series) {
    for (const auto* text :
         {&s.source_region, &s.agent, &s.target_region, &s.target, &s.probe_type}) {
      out.text(*text);
    }
    out.varint(numbers.at(s.kind.get()));
    out.signed_varint(s.unix_ms);
  }
  return packed(body);
}

namespace {

/// Reads the kinds that a record's series have; what is wrong, or nothing.
std::string read_kinds(byte_reader& in, std::vector<kind_ptr>& out) {
  std::uint64_t count = 0;
  if (!in.varint(count) || count > in.left()) {
    return "the number of kinds is wrong";
  }
  for (std::uint64_t i = 0; i < count; ++i) {
    std::string_view bytes;
    std::string problem;
    if (!in.text(bytes, max_kind_bytes)) {
      return "the description of a kind is cut short";
    }
    out.push_back(decode_kind(bytes, problem));
    if (!problem.empty()) {
      return problem;
    }
  }
  return {};
}

} // namespace

std::string decode_ended(std::string_view bytes, std::vector<ended_series>& out) {
  std::string body;
  std::uint64_t count = 0;
  std::size_t offset = 0;
  if (auto problem = unpack(bytes, body, count, offset); !problem.empty()) {
    return problem;
  }
  byte_reader in{std::string_view{body}.substr(offset)};
  std::vector<kind_ptr> kinds;
  if (auto problem = read_kinds(in, kinds); !problem.empty()) {
    return problem;
  }
  out.clear();
  out.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    ended_series s;
    std::uint64_t kind = 0;
    if (!in.text(s.source_region, longest_record_text) || !in.text(s.agent, longest_record_text) ||
        !in.text(s.target_region, longest_record_text) || !in.text(s.target, longest_record_text) ||
        !in.text(s.probe_type, longest_record_text) || !in.varint(kind) || kind >= kinds.size() ||
        !in.signed_varint(s.unix_ms)) {
      return "a series is cut short";
    }
    s.kind = kinds[kind];
    out.push_back(std::move(s));
  }
  return {};
}

} // namespace xprober
