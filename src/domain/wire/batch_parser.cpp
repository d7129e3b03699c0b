#include "xprober/domain/wire/batch_parser.hpp"

#include <cmath>
#include <limits>

namespace xprober {

namespace {

// More would be no region or name of an agent that a server takes.
constexpr std::size_t max_name = max_batch_text;
constexpr std::uint64_t max_types = 256;
/// A target takes at least four bytes of the body.
constexpr std::size_t least_target_bytes = 4;

bool to_number(byte_reader& in, std::uint32_t& out) {
  std::uint64_t value = 0;
  if (!in.varint(value) || value > std::numeric_limits<std::uint32_t>::max()) {
    return false;
  }
  out = static_cast<std::uint32_t>(value);
  return true;
}

bool add(std::int64_t a, std::int64_t b, std::int64_t& out) {
  return !__builtin_add_overflow(a, b, &out);
}

} // namespace

batch_parser::batch_parser(std::string_view body, std::uint32_t rows) : in_(body), left_(rows) {
  read_names();
}

bool batch_parser::fail(std::string what) {
  problem_ = std::move(what);
  return false;
}

void batch_parser::read_names() {
  if (!in_.text(worker_name_, max_name) || !in_.text(source_region_, max_name)) {
    fail("the agent's name is cut short or too long");
    return;
  }
  if (read_types() && read_texts(errors_, "errors") && read_texts(regions_, "regions")) {
    read_targets();
  }
}

bool batch_parser::read_types() {
  std::uint64_t count = 0;
  if (!in_.varint(count) || count > max_types) {
    return fail("the number of types is wrong");
  }
  for (std::uint64_t i = 0; i < count; ++i) {
    type_name type;
    std::uint8_t form = 0;
    if (!in_.text(type.name, max_name) || !in_.byte(form) || form > 1) {
      return fail("a type cannot be read");
    }
    type.form = static_cast<row_form>(form);
    types_.push_back(type);
  }
  return true;
}

bool batch_parser::read_texts(std::vector<std::string_view>& out, std::string_view what) {
  std::uint64_t count = 0;
  if (!in_.varint(count) || count > in_.left()) {
    return fail("the number of " + std::string{what} + " is wrong");
  }
  for (std::uint64_t i = 0; i < count; ++i) {
    if (!in_.text(out.emplace_back(), max_name)) {
      return fail("the names of the " + std::string{what} + " are cut short or too long");
    }
  }
  return true;
}

bool batch_parser::read_targets() {
  std::uint64_t count = 0;
  if (!in_.varint(count) || count > in_.left() / least_target_bytes) {
    return fail("the number of targets is wrong");
  }
  targets_.reserve(static_cast<std::size_t>(count));
  for (std::uint64_t i = 0; i < count; ++i) {
    target_name t;
    std::uint32_t shared = 0;
    std::string_view suffix;
    if (!to_number(in_, t.type) || t.type >= types_.size() || !to_number(in_, t.region) ||
        t.region >= regions_.size() || !to_number(in_, shared) || !in_.text(suffix, max_name)) {
      return fail("target " + std::to_string(i + 1) + " cannot be read");
    }
    const auto last = targets_.empty() ? target_name{} : targets_.back();
    if (shared > last.size || shared + suffix.size() > max_name) {
      return fail("target " + std::to_string(i + 1) + " shares more than there is, or is too long");
    }
    if (addresses_.size() + shared + suffix.size() > max_batch_names) {
      return fail("the addresses are too long together");
    }
    t.begin = static_cast<std::uint32_t>(addresses_.size());
    t.size = static_cast<std::uint32_t>(shared + suffix.size());
    addresses_.append(addresses_, last.begin, shared);
    addresses_ += suffix;
    targets_.push_back(t);
  }
  return true;
}

batch_target batch_parser::target(std::uint32_t number) const {
  const auto& t = targets_.at(number);
  const auto& type = types_[t.type];
  return {type.name, type.form, regions_[t.region],
          std::string_view{addresses_}.substr(t.begin, t.size)};
}

batch_parser::step batch_parser::next(batch_row& row) {
  if (left_ == 0 || !problem_.empty()) {
    return step::end;
  }
  ++number_;
  std::string_view bytes;
  if (!in_.text(bytes, max_batch_body)) {
    fail("row " + std::to_string(number_) + " is cut short");
    return step::end;
  }
  byte_reader inside{bytes};
  std::int64_t target = 0;
  std::int64_t ms = 0;
  // The rows that follow count from these two, whatever the rest of this one is.
  if (!inside.signed_varint(target) || !inside.signed_varint(ms) ||
      !add(next_target_, target, target) || !add(target, 1, next_target_) ||
      !add(last_ms_, ms, last_ms_)) {
    fail("row " + std::to_string(number_) + " has no target or no time");
    return step::end;
  }
  --left_;
  if (target < 0 || target >= std::int64_t{targets()}) {
    bad("it names a target that the batch does not have");
    return step::bad_row;
  }
  row = {};
  row.target = static_cast<std::uint32_t>(target);
  row.unix_ms = last_ms_;
  return parse(inside, row) ? step::row : step::bad_row;
}

bool batch_parser::bad(std::string_view what) {
  row_problem_ = "row " + std::to_string(number_) + ": " + std::string{what};
  return false;
}

bool batch_parser::parse(byte_reader row, batch_row& out) {
  std::uint8_t flags = 0;
  std::uint32_t error = 0;
  if (!row.byte(flags) || !to_number(row, error) || !row.half(out.duration_ms)) {
    return bad("it is cut short");
  }
  if (error >= errors_.size()) {
    return bad("it names an error that the batch does not have");
  }
  out.verdict = static_cast<row_verdict>(flags & 3U);
  out.success = (flags & 4U) != 0;
  out.shared = (flags & 8U) != 0;
  out.error = errors_[error];
  return types_[targets_[out.target].type].form == row_form::icmp ? parse_icmp(row, flags, out)
                                                                  : parse_http(row, out);
}

bool batch_parser::parse_icmp(byte_reader& row, unsigned flags, batch_row& out) {
  auto& s = out.icmp;
  s.receive_overflow = (flags & 16U) != 0;
  if (!to_number(row, s.sent) || !to_number(row, s.received)) {
    return bad("it is cut short");
  }
  if (s.received > s.sent) {
    return bad("more echoes were answered than sent");
  }
  auto& rtt = s.rtt;
  if (s.received > 0 && (!row.float32(rtt.mean) || !row.half(rtt.min) || !row.half(rtt.max) ||
                         !row.half(rtt.stddev) || !row.half(rtt.jitter) || !row.half(rtt.p50) ||
                         !row.half(rtt.p90) || !row.half(rtt.p99) || !row.byte(s.reply_ttl))) {
    return bad("it is cut short");
  }
  if ((flags & 32U) != 0 &&
      (!to_number(row, s.duplicates) || !to_number(row, s.late) || !to_number(row, s.reordered))) {
    return bad("it is cut short");
  }
  if (out.verdict == row_verdict::answered && (s.received == 0 || !std::isfinite(rtt.mean))) {
    return bad("it was answered and has no time");
  }
  return true;
}

bool batch_parser::parse_http(byte_reader& row, batch_row& out) {
  auto& s = out.http;
  std::uint8_t present = 0;
  if (!row.byte(present)) {
    return bad("it is cut short");
  }
  for (std::size_t i = 0; i < http_phase_count; ++i) {
    if (((present >> i) & 1U) == 0) {
      continue;
    }
    float ms = 0;
    if (!row.float32(ms)) {
      return bad("it is cut short");
    }
    if (!std::isfinite(ms)) {
      return bad("a phase is not a finite number");
    }
    s.phases_ms[i] = ms;
  }
  std::uint32_t status = 0;
  std::uint32_t redirects = 0;
  if (!to_number(row, status) || !to_number(row, redirects) || !row.varint(s.body_bytes) ||
      !row.signed_varint(s.cert_expiry_unix)) {
    return bad("it is cut short");
  }
  constexpr auto most = std::numeric_limits<std::uint16_t>::max();
  if (status > most || redirects > most) {
    return bad("its status or its redirects do not fit");
  }
  s.status = static_cast<std::uint16_t>(status);
  s.redirects = static_cast<std::uint16_t>(redirects);
  return true;
}

void append_wire_values(const batch_parser& batch, const batch_row& row,
                        std::vector<wire_value>& out) {
  const auto target = batch.target(row.target);
  const auto append = [&](std::string_view metric, float value) {
    out.push_back({std::string{batch.worker_name()}, std::string{metric},
                   std::string{target.address}, std::string{batch.source_region()},
                   std::string{target.region}, std::string{target.type}, row.unix_ms / 1000,
                   value});
  };
  if (row.verdict == row_verdict::none) {
    return;
  }
  if (target.form == row_form::http) {
    append(metric_names::http_success, row.success ? 1 : 0);
    for (std::size_t i = 0; i < http_phase_count; ++i) {
      if (const auto& ms = row.http.phases_ms[i]) {
        append(metric_name(static_cast<http_phase>(i)), *ms);
      }
    }
    return;
  }
  const bool answered = row.verdict == row_verdict::answered;
  append(metric_names::ping_success, answered ? 1 : -1);
  if (row.verdict != row_verdict::not_sent) {
    append(metric_names::ping_drop_rate,
           answered ? static_cast<float>(row.icmp.loss_percent()) : 100);
    append(metric_names::ping_latency, answered ? row.icmp.rtt.mean : -1);
  }
}

} // namespace xprober
