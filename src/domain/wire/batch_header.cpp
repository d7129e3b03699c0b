#include "xprober/domain/wire/batch.hpp"

#include <algorithm>
#include <random>

#include "xprober/domain/hex.hpp"
#include "xprober/domain/wire/bytes.hpp"
#include "xprober/domain/wire/compress.hpp"

namespace xprober {

namespace {

constexpr std::string_view magic = "xpbt";
constexpr std::size_t instance_offset = 4 + 1;
constexpr std::size_t stamp_offset = instance_offset + 16 + 8;

} // namespace

agent_instance random_instance() {
  std::random_device random;
  agent_instance instance{};
  for (auto& b : instance) {
    b = static_cast<std::uint8_t>(random());
  }
  return instance;
}

std::string to_text(const agent_instance& instance) { return hex_text(instance); }

std::string read_batch_header(std::string_view batch, batch_header& out) {
  if (batch.size() < batch_header_bytes) {
    return "a batch has at least " + std::to_string(batch_header_bytes) + " bytes, this has " +
           std::to_string(batch.size());
  }
  if (batch.size() > max_batch_bytes) {
    return "a batch has at most " + std::to_string(max_batch_bytes) + " bytes, this has " +
           std::to_string(batch.size());
  }
  if (!batch.starts_with(magic)) {
    return "it does not begin as a batch does";
  }
  byte_reader in{batch.substr(magic.size())};
  in.byte(out.version);
  if (out.version != batch_version) {
    return "it has schema version " + std::to_string(out.version) + "; only version " +
           std::to_string(batch_version) + " is read here";
  }
  std::string_view id;
  in.take(id, out.instance.size());
  std::copy(id.begin(), id.end(), out.instance.begin());
  std::uint64_t number = 0;
  in.fixed(out.sequence, 8);
  in.fixed(number, 8);
  out.sent_unix_ms = static_cast<std::int64_t>(number);
  in.fixed(number, 4);
  out.rows = static_cast<std::uint32_t>(number);
  if (out.sequence == 0 || out.sequence > max_batch_sequence) {
    return "its sequence is not 1 to 2^53 - 1";
  }
  return {};
}

void stamp_batch(std::string& batch, std::int64_t unix_ms) {
  std::string stamp;
  byte_writer{stamp}.fixed(static_cast<std::uint64_t>(unix_ms), 8);
  batch.replace(stamp_offset, stamp.size(), stamp);
}

void number_batch(std::string& batch, const agent_instance& instance, std::uint64_t sequence) {
  std::string name{instance.begin(), instance.end()};
  byte_writer{name}.fixed(sequence, 8);
  batch.replace(instance_offset, name.size(), name);
}

std::string read_batch_body(std::string_view batch, std::string& out) {
  const auto problem = decompress(batch.substr(batch_header_bytes), max_batch_body, out);
  return problem.empty() ? problem : "its body cannot be decompressed: " + problem;
}

std::optional<std::uint64_t> batch_body_size(std::string_view batch) noexcept {
  return stated_size(batch.substr(std::min(batch.size(), batch_header_bytes)));
}

std::optional<agent_identity> read_batch_agent(std::string_view batch) {
  // Two texts with the numbers of their bytes in front of them.
  constexpr std::size_t longest = 2 * (max_batch_text + 3);
  const auto front =
      decompress_front(batch.substr(std::min(batch.size(), batch_header_bytes)), longest);
  byte_reader in{front};
  std::string_view worker;
  std::string_view region;
  if (!in.text(worker, max_batch_text) || !in.text(region, max_batch_text)) {
    return std::nullopt;
  }
  return agent_identity{std::string{region}, std::string{worker}};
}

std::string pack_batch(const batch_header& header, std::string_view body) {
  std::string batch{magic};
  byte_writer out{batch};
  out.byte(header.version);
  batch.append(header.instance.begin(), header.instance.end());
  out.fixed(header.sequence, 8);
  out.fixed(static_cast<std::uint64_t>(header.sent_unix_ms), 8);
  out.fixed(header.rows, 4);
  compress(body, batch);
  return batch;
}

} // namespace xprober
