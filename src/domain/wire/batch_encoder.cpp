#include <algorithm>
#include <utility>

#include "xprober/domain/wire/batch.hpp"
#include "xprober/domain/wire/bytes.hpp"

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

unsigned flag(bool set, unsigned bit) { return set ? 1U << bit : 0U; }

row_verdict icmp_verdict(const probe_outcome& outcome, const icmp_summary& summary) {
  // What append_wire_values makes of it, without a second opinion.
  if (outcome.error == probe_error::shutdown || outcome.error == probe_error::local_overload) {
    return row_verdict::none;
  }
  if (summary.received > 0) {
    return row_verdict::answered;
  }
  return nothing_was_sent(outcome.error) ? row_verdict::not_sent : row_verdict::unanswered;
}

void write_rtt(byte_writer& out, const rtt_stats& rtt) {
  out.float32(rtt.mean);
  for (const float ms : {rtt.min, rtt.max, rtt.stddev, rtt.jitter, rtt.p50, rtt.p90, rtt.p99}) {
    out.half(ms);
  }
}

} // namespace

std::uint32_t batch_encoder::region_number(const std::string& region) {
  if (const auto found = regions_.find(region); found != regions_.end()) {
    return found->second;
  }
  const auto number = static_cast<std::uint32_t>(regions_.size());
  regions_.emplace(region, number);
  byte_writer{region_names_}.text(std::string_view{region}.substr(0, max_batch_text));
  return number;
}

std::uint32_t batch_encoder::error_number(probe_error error) {
  if (const auto found = errors_.find(error); found != errors_.end()) {
    return found->second;
  }
  const auto number = static_cast<std::uint32_t>(errors_.size());
  errors_.emplace(error, number);
  byte_writer{error_names_}.text(to_string(error));
  return number;
}

std::uint32_t batch_encoder::target_number(const target_ref& target) {
  const auto [place, fresh] =
      targets_.try_emplace(target.get(), static_cast<std::uint32_t>(targets_.size()));
  if (!fresh) {
    return place->second;
  }
  held_.push_back(target);
  const auto& uid = target->uid;
  const auto [type, new_type] =
      types_.try_emplace(uid.type, static_cast<std::uint32_t>(types_.size()));
  if (new_type) {
    byte_writer names{type_names_};
    names.text(to_string(uid.type));
    names.byte(static_cast<unsigned>(target->type() == probe_type::icmp ? row_form::icmp
                                                                        : row_form::http));
  }
  byte_writer out{names_};
  out.varint(type->second);
  out.varint(region_number(uid.region));
  const auto address = std::string_view{uid.address}.substr(0, max_batch_text);
  const auto shared = common_prefix(last_address_, address);
  out.varint(shared);
  out.text(address.substr(shared));
  last_address_ = address;
  return place->second;
}

void batch_encoder::add(const probe_result& result) {
  const auto target = target_number(result.target);
  const auto ms = end_unix_ms(result.outcome);
  row_.clear();
  byte_writer out{row_};
  out.signed_varint(std::int64_t{target} - std::int64_t{next_target_});
  out.signed_varint(ms - last_ms_);
  next_target_ = target + 1;
  last_ms_ = ms;
  if (result.target->type() == probe_type::icmp) {
    write_icmp(result.outcome, row_);
  } else {
    write_http(result.outcome, row_);
  }
  byte_writer{body_}.text(row_);
  ++rows_;
}

void batch_encoder::write_icmp(const probe_outcome& outcome, std::string& row) {
  static const icmp_summary nothing;
  const auto* measured = std::get_if<icmp_summary>(&outcome.data);
  const auto& s = measured != nullptr ? *measured : nothing;
  const bool counts = (s.duplicates | s.late | s.reordered) != 0;
  byte_writer out{row};
  out.byte(static_cast<unsigned>(icmp_verdict(outcome, s)) | flag(outcome.success, 2) |
           flag(outcome.shared, 3) | flag(s.receive_overflow, 4) | flag(counts, 5));
  out.varint(error_number(outcome.error));
  out.half(static_cast<float>(to_ms(outcome.duration)));
  out.varint(s.sent);
  out.varint(s.received);
  if (s.received > 0) {
    write_rtt(out, s.rtt);
    out.byte(s.reply_ttl);
  }
  if (counts) {
    out.varint(s.duplicates);
    out.varint(s.late);
    out.varint(s.reordered);
  }
}

void batch_encoder::write_http(const probe_outcome& outcome, std::string& row) {
  static const http_summary nothing;
  const auto* measured = std::get_if<http_summary>(&outcome.data);
  const auto& s = measured != nullptr ? *measured : nothing;
  const auto verdict = is_local(outcome.error) ? row_verdict::none : row_verdict::not_sent;
  byte_writer out{row};
  out.byte(static_cast<unsigned>(verdict) | flag(outcome.success, 2) | flag(outcome.shared, 3));
  out.varint(error_number(outcome.error));
  out.half(static_cast<float>(to_ms(outcome.duration)));
  unsigned present = 0;
  for (std::size_t i = 0; i < http_phase_count; ++i) {
    present |= flag(s.phases_ms[i].has_value(), static_cast<unsigned>(i));
  }
  out.byte(present);
  for (const auto& ms : s.phases_ms) {
    if (ms) {
      out.float32(*ms);
    }
  }
  out.varint(s.status);
  out.varint(s.redirects);
  out.varint(s.body_bytes);
  out.signed_varint(s.cert_expiry_unix);
}

std::string batch_encoder::finish_body() {
  std::string body;
  body.reserve(body_bytes() + 256);
  byte_writer out{body};
  out.text(agent_.local_ip);
  out.text(agent_.region);
  out.varint(types_.size());
  body += type_names_;
  out.varint(errors_.size());
  body += error_names_;
  out.varint(regions_.size());
  body += region_names_;
  out.varint(targets_.size());
  body += names_;
  body += body_;
  *this = batch_encoder{std::move(agent_)};
  return body;
}

} // namespace xprober
