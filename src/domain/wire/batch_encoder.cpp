#include <algorithm>
#include <bit>
#include <utility>

#include "xprober/domain/label_text.hpp"
#include "xprober/domain/wire/batch.hpp"
#include "xprober/domain/wire/bytes.hpp"
#include "xprober/domain/wire/kind_codec.hpp"
#include "xprober/domain/wire/sentence.hpp"

namespace xprober {

namespace {

std::int64_t end_unix_ms(const probe_outcome& outcome) {
  // As append_wire_values takes it, so that both come to the same second.
  const auto end =
      outcome.started + std::chrono::duration_cast<wall_clock::duration>(outcome.duration);
  return std::chrono::duration_cast<milliseconds>(end.time_since_epoch()).count();
}

/// How many bytes two texts have in common at their beginning.
std::size_t common_prefix(std::string_view a, std::string_view b) {
  const auto [end, ignored] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  return static_cast<std::size_t>(end - a.begin());
}

void write_values(byte_writer& out, const probe_kind& kind, const column_values& values) {
  // What a kind does not describe nobody could read.
  const auto known = static_cast<std::uint32_t>((std::uint64_t{1} << kind.columns.size()) - 1);
  const auto mask = values.mask() & known & ~1U;
  out.varint(mask);
  for (auto left = mask; left != 0; left &= left - 1) {
    const auto i = static_cast<std::size_t>(std::countr_zero(left));
    const auto bits = values.bits(i);
    switch (kind.columns[i].form) {
    case column_form::number: out.fixed(bits, 4); break;
    case column_form::coarse: out.half(std::bit_cast<float>(bits)); break;
    case column_form::whole: out.varint(bits); break;
    }
  }
}

} // namespace

std::uint32_t batch_encoder::dictionary::number(std::string_view name, std::string_view written) {
  if (const auto found = numbers.find(name); found != numbers.end()) {
    return found->second;
  }
  const auto number = static_cast<std::uint32_t>(numbers.size());
  numbers.emplace(name, number);
  text += written;
  return number;
}

namespace {

std::string as_text(std::string_view value) {
  std::string bytes;
  byte_writer{bytes}.text(value);
  return bytes;
}

} // namespace

std::uint32_t batch_encoder::type_number(const prober_name& type) {
  if (const auto found = types_.numbers.find(to_string(type)); found != types_.numbers.end()) {
    return found->second;
  }
  const auto& kind = *type.kind();
  auto entry = as_text(to_string(type));
  byte_writer{entry}.varint(kinds_.number(kind.name, as_text(encode_kind(kind))));
  return types_.number(to_string(type), entry);
}

std::uint32_t batch_encoder::error_number(probe_error error) {
  const auto place = static_cast<std::size_t>(error);
  if (place >= error_numbers_.size()) {
    error_numbers_.resize(place + 1);
  }
  auto& number = error_numbers_[place];
  if (number == 0) {
    const auto name = to_string(error);
    number = errors_.number(name, as_text(name)) + 1;
  }
  return number - 1;
}

std::uint32_t batch_encoder::detail_number(std::string_view detail) {
  if (detail.empty()) {
    return 0;
  }
  std::string mended;
  if (detail.size() > max_batch_detail || !is_clean_text(detail)) {
    mended = clean_sentence(detail);
    detail = mended;
  }
  const auto found = details_.numbers.find(detail);
  if (found != details_.numbers.end()) {
    return found->second + 1;
  }
  if (details_.text.size() + detail.size() > max_batch_details ||
      details_.numbers.size() >= max_batch_sentences) {
    return 0;
  }
  return details_.number(detail, as_text(detail)) + 1;
}

std::uint32_t batch_encoder::target_number(const target_ref& target) {
  const auto [place, fresh] =
      targets_.try_emplace(target.get(), static_cast<std::uint32_t>(targets_.size()));
  if (!fresh) {
    return place->second;
  }
  held_.push_back(target);
  const auto& uid = target->uid;
  byte_writer out{names_};
  out.varint(type_number(uid.type));
  out.varint(regions_.number(uid.region, as_text(cut_text(uid.region, max_batch_text))));
  const auto address = std::string_view{uid.address}.substr(0, max_batch_text);
  const auto shared = common_prefix(last_address_, address);
  out.varint(shared);
  out.text(address.substr(shared));
  last_address_ = address;
  return place->second;
}

void batch_encoder::add(const probe_result& result, milliseconds correction) {
  const auto& outcome = result.outcome;
  const auto target = target_number(result.target);
  const auto ms = end_unix_ms(outcome) + correction.count();
  const auto detail = outcome.success ? 0 : detail_number(outcome.detail);
  const auto error = error_number(outcome.error);
  row_.clear();
  byte_writer out{row_};
  out.signed_varint(std::int64_t{target} - std::int64_t{next_target_});
  out.signed_varint(ms - last_ms_);
  next_target_ = target + 1;
  last_ms_ = ms;
  out.byte(static_cast<unsigned>(outcome.state()) | (outcome.shared ? 4U : 0U) |
           (detail != 0 ? 8U : 0U));
  out.varint(error);
  if (detail != 0) {
    out.varint(detail - 1);
  }
  out.half(static_cast<float>(to_ms(outcome.duration)));
  write_values(out, result.target->kind(), outcome.values);
  byte_writer{body_}.text(row_);
  ++rows_;
}

std::string batch_encoder::finish_body() {
  std::string body;
  body.reserve(body_bytes() + 4096);
  byte_writer out{body};
  out.text(agent_.local_ip);
  out.text(agent_.region);
  for (const auto* names : {&kinds_, &types_, &errors_, &regions_, &details_}) {
    out.varint(names->numbers.size());
    body += names->text;
  }
  out.varint(targets_.size());
  body += names_;
  body += body_;
  *this = batch_encoder{std::move(agent_)};
  return body;
}

std::string batch_encoder::finish(const agent_instance& instance, std::uint64_t sequence,
                                  std::int64_t unix_ms) {
  const batch_header header{batch_version, instance, sequence, unix_ms, rows_};
  return pack_batch(header, finish_body());
}

} // namespace xprober
