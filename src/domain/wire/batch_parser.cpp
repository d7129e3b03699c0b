#include "xprober/domain/wire/batch_parser.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "xprober/domain/label_text.hpp"

namespace xprober {

namespace {

// More would be no region or name of an agent that a server takes.
constexpr std::size_t max_name = max_batch_text;
/// A target takes at least four bytes of the body.
constexpr std::size_t least_target_bytes = 4;
/// A sentence that is not clean is told as this: the row that it belongs to says enough.
constexpr std::string_view unclean_sentence = "(not clean)";

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

batch_parser::batch_parser(std::string_view body, std::uint32_t rows)
    : in_(body), left_(static_cast<std::uint32_t>(
                     std::min<std::uint64_t>(rows, body.size() / least_row_bytes))) {
  read_names();
  names_ = body.substr(0, body.size() - in_.left());
  if (problem_.empty() && left_ < rows) {
    fail("the body is too short for " + std::to_string(rows) + " rows");
  }
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
  if (read_kinds() && read_types() && read_texts(errors_, "errors", max_batch_errors, max_name) &&
      read_texts(regions_, "regions", max_batch_regions, max_name) &&
      read_texts(details_, "sentences", max_batch_sentences, max_batch_detail) && read_targets()) {
    std::ranges::replace_if(
        details_, [](std::string_view text) { return !is_clean_text(text); }, unclean_sentence);
  }
}

bool batch_parser::read_kinds() {
  std::uint64_t count = 0;
  if (!in_.varint(count) || count > max_batch_kinds) {
    return fail("the number of kinds is wrong");
  }
  for (std::uint64_t i = 0; i < count; ++i) {
    std::string_view bytes;
    if (!in_.text(bytes, max_kind_bytes)) {
      return fail("the description of a kind is cut short or too long");
    }
    kinds_.emplace_back(bytes);
  }
  return true;
}

bool batch_parser::read_types() {
  std::uint64_t count = 0;
  if (!in_.varint(count) || count > max_batch_types) {
    return fail("the number of types is wrong");
  }
  for (std::uint64_t i = 0; i < count; ++i) {
    type_name type;
    if (!in_.text(type.name, max_name) || !to_number(in_, type.kind) ||
        type.kind >= kinds_.size()) {
      return fail("a type cannot be read");
    }
    types_.push_back(type);
  }
  return true;
}

bool batch_parser::read_texts(std::vector<std::string_view>& out, std::string_view what,
                              std::size_t most, std::size_t longest) {
  std::uint64_t count = 0;
  if (!in_.varint(count) || count > std::min(most, in_.left())) {
    return fail("the number of " + std::string{what} + " is wrong");
  }
  for (std::uint64_t i = 0; i < count; ++i) {
    if (!in_.text(out.emplace_back(), longest)) {
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
  return {type.name, kinds_[type.kind].kind().get(), regions_[t.region],
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
  row.values.clear(); // the rest is set in any case
  row.target = static_cast<std::uint32_t>(target);
  row.unix_ms = last_ms_;
  rest_ = inside.rest();
  return parse(inside, row) ? step::row : step::bad_row;
}

bool batch_parser::bad(std::string_view what) {
  row_problem_ = "row " + std::to_string(number_) + ": " + std::string{what};
  return false;
}

bool batch_parser::parse(byte_reader row, batch_row& out) {
  const auto& kind = kinds_[types_[targets_[out.target].type].kind];
  if (!kind.kind()) {
    return bad("its kind cannot be used: " + kind.problem());
  }
  std::uint8_t flags = 0;
  std::uint32_t error = 0;
  std::uint32_t detail = 0;
  if (!row.byte(flags) || !to_number(row, error) ||
      ((flags & 8U) != 0 && !to_number(row, detail)) || !row.half(out.duration_ms)) {
    return bad("it is cut short");
  }
  if (error >= errors_.size()) {
    return bad("it names an error that the batch does not have");
  }
  if ((flags & 8U) != 0 && detail >= details_.size()) {
    return bad("it names a sentence that the batch does not have");
  }
  if (!std::isfinite(out.duration_ms) || out.duration_ms < 0) {
    return bad("its duration is not a finite number, or below 0");
  }
  if ((flags & 3U) > static_cast<unsigned>(probe_state::own_fault)) {
    return bad("it has no state that is known here");
  }
  out.state = static_cast<probe_state>(flags & 3U);
  out.shared = (flags & 4U) != 0;
  out.error = errors_[error];
  out.detail = (flags & 8U) != 0 ? details_[detail] : std::string_view{};
  const auto problem = kind.read_values(row, out.values);
  return problem.empty() || bad(problem);
}

void append_wire_values(const batch_parser& batch, const batch_row& row,
                        std::vector<wire_value>& out) {
  const auto target = batch.target(row.target);
  for (const auto& [column, value] : old_values{*target.kind, row.state, row.values}) {
    out.push_back({std::string{batch.worker_name()}, target.kind->columns[column].old_name,
                   std::string{target.address}, std::string{batch.source_region()},
                   std::string{target.region}, std::string{target.type}, row.unix_ms / 1000,
                   value});
  }
}

} // namespace xprober
