#include "xprober/actors/server/batch_check.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "xprober/domain/kind_series.hpp"
#include "xprober/domain/label_text.hpp"
#include "xprober/domain/wire/row_writer.hpp"
#include "xprober/domain/wire/series_check.hpp"

namespace xprober {

namespace {

constexpr std::size_t errors_told = 5;
/// Of smaller bodies the first block is about all of it.
constexpr std::uint64_t looked_into_bytes = 256 * 1024;

void note(batch_findings& found, const std::string& error) {
  if (found.errors.size() < errors_told) {
    found.errors.push_back(error);
  }
}

std::string refusal(const batch_parser& rows, std::uint32_t number, std::string_view why) {
  const auto address = rows.target(number).address;
  const auto name = is_clean_text(address) ? std::string{address} : std::to_string(number + 1);
  return "target " + name + ": " + std::string{why};
}

/// What becomes of the rows of each target, asked once.
class target_fates {
public:
  target_fates(const batch_parser& batch, const agent_identity& agent, const batch_rules& rules)
      : agent_(agent), rules_(rules), known_(rules.fate_of ? batch.targets() : 0, unknown) {}

  row_fate of(const batch_parser& batch, std::uint32_t number) {
    if (!rules_.fate_of) {
      return row_fate::taken;
    }
    auto& fate = known_[number];
    if (fate == unknown) {
      fate = static_cast<std::uint8_t>(rules_.fate_of(agent_, batch.target(number)));
    }
    return static_cast<row_fate>(fate);
  }

private:
  static constexpr std::uint8_t unknown = 0xFF;

  const agent_identity& agent_;
  const batch_rules& rules_;
  std::vector<std::uint8_t> known_;
};

/// Reads the rows of one body.
class body_check {
public:
  body_check(const std::string& body, std::uint32_t rows, const batch_rules& rules)
      : body_(body), header_rows_(rows), rules_(rules), parser_(body, rows), judge_(parser_),
        fates_(parser_, found_.agent, rules) {
    found_.rows = rows;
    found_.agent = {std::string{parser_.source_region()}, std::string{parser_.worker_name()}};
  }

  /// The new body, where there has to be another one.
  std::optional<std::string> run() {
    if (rules_.grant != nullptr && parser_.problem().empty()) {
      found_.foreign = rules_.grant->why_not(found_.agent.region, found_.agent.local_ip);
      if (!found_.foreign.empty()) {
        return std::nullopt;
      }
    }
    if (rules_.why_later && parser_.problem().empty()) {
      found_.later = rules_.why_later(found_.agent, std::max(header_rows_, parser_.targets()));
      if (!found_.later.empty()) {
        return std::nullopt;
      }
    }
    if (rules_.clock) {
      clock_ = rules_.clock(found_.agent);
      found_.skew_ms = clock_->kept_skew_ms();
    }
    batch_row row;
    for (auto step = parser_.next(row); step != batch_parser::step::end; step = parser_.next(row)) {
      take(step, row);
    }
    if (!parser_.problem().empty()) {
      found_.verdict.rejected += parser_.unread();
      note(found_, parser_.problem());
    }
    const bool moves = found_.misdated > 0 || (clock_ && clock_->moves_all());
    if (found_.verdict.accepted > 0 && (refused_ > 0 || moves)) {
      return rewritten();
    }
    return std::nullopt;
  }

  batch_findings& found() noexcept { return found_; }

private:
  void take(batch_parser::step step, const batch_row& row) {
    if (step == batch_parser::step::bad_row) {
      reject(parser_.row_problem());
      return;
    }
    if (const auto why = judge_.why_not(row.target); !why.empty()) {
      reject_target(row.target, why);
      return;
    }
    const auto fate = fates_.of(parser_, row.target);
    ++found_.fates[static_cast<std::size_t>(fate)];
    if (fate != row_fate::taken) {
      ++refused_;
      reject_target(row.target, to_string(fate));
      return;
    }
    ++found_.verdict.accepted;
    found_.values += count_values(parser_.shape_of(row.target), row.state, row.values);
    const auto at = clock_ ? clock_->judge(row.unix_ms) : row_clock::judged{row.unix_ms};
    if (at.misdated) {
      ++found_.misdated;
    } else {
      found_.newest_ms = std::max(found_.newest_ms, at.unix_ms - found_.skew_ms);
    }
  }

  void reject(const std::string& why) {
    ++found_.verdict.rejected;
    note(found_, why);
  }

  void reject_target(std::uint32_t target, std::string_view why) {
    ++found_.verdict.rejected;
    if (found_.errors.size() < errors_told) {
      note(found_, refusal(parser_, target, why));
    }
  }

  /// The rows that can be used, at their times.
  std::string rewritten() {
    batch_parser again{body_, header_rows_};
    row_writer out{again.names()};
    batch_row row;
    for (auto step = again.next(row); step != batch_parser::step::end; step = again.next(row)) {
      if (step == batch_parser::step::row && judge_.why_not(row.target).empty() &&
          fates_.of(again, row.target) == row_fate::taken) {
        out.add(row.target, clock_ ? clock_->judge(row.unix_ms).unix_ms : row.unix_ms,
                again.rest());
      }
    }
    if (!out.fits()) {
      found_.verdict.rejected += std::exchange(found_.verdict.accepted, 0);
      found_.values = 0;
      note(found_, "the body is too long once its times are put right");
      return {};
    }
    found_.rewritten = true;
    found_.rows = out.rows();
    return out.take_body();
  }

  const std::string& body_;
  std::uint32_t header_rows_;
  const batch_rules& rules_;
  batch_findings found_;
  batch_parser parser_;
  batch_judge judge_;
  target_fates fates_;
  std::optional<row_clock> clock_;
  std::uint64_t refused_ = 0; ///< rows, by their fate
};

/// What can be said of a batch that is not unpacked: a kilobyte of it may become 8 MiB.
std::optional<batch_findings> refuse_packed(std::string_view bytes, const batch_header& header,
                                            const batch_rules& rules) {
  const auto size = batch_body_size(bytes);
  if (!size || *size > max_batch_body) {
    return std::nullopt; // reading it says what is wrong
  }
  const auto room = static_cast<std::uint32_t>(*size / least_row_bytes);
  const bool fits = header.rows <= room;
  if (fits && *size <= looked_into_bytes) {
    return std::nullopt;
  }
  batch_findings found;
  const auto agent = read_batch_agent(bytes);
  found.agent = agent.value_or(agent_identity{});
  if (agent && rules.grant != nullptr) {
    found.foreign = rules.grant->why_not(agent->region, agent->local_ip);
  }
  if (!found.foreign.empty()) {
    return found;
  }
  if (!fits) {
    found.verdict.rejected = room;
    note(found, "the body is too short for " + std::to_string(header.rows) + " rows");
    return found;
  }
  if (agent && rules.why_wait) {
    found.later = rules.why_wait(*agent);
  }
  return found.later.empty() ? std::nullopt : std::optional{found};
}

} // namespace

std::string_view to_string(row_fate fate) noexcept {
  switch (fate) {
  case row_fate::taken: return "taken";
  case row_fate::not_in_list: return "it is not in the list that its agent was given (not_in_list)";
  case row_fate::too_many_of_agent:
    return "its agent has more series than limits.agent_series allows (too_many_of_agent)";
  case row_fate::too_many: return "there are more series than limits.series allows (too_many)";
  }
  return "unknown";
}

batch_findings check_body(std::string& body, std::uint32_t rows, const batch_rules& rules) {
  body_check check{body, rows, rules};
  auto other = check.run();
  auto found = std::move(check.found());
  if (found.rewritten) {
    body = std::move(*other); // nothing looks into it any more
  }
  return found;
}

batch_findings check_batch(std::string_view bytes, const batch_header& header, std::string& body,
                           const batch_rules& rules) {
  if (auto found = refuse_packed(bytes, header, rules)) {
    return std::move(*found);
  }
  if (const auto problem = read_batch_body(bytes, body); !problem.empty()) {
    batch_findings found;
    found.verdict.rejected = std::min(header.rows, max_batch_rows);
    note(found, problem);
    return found;
  }
  return check_body(body, header.rows, rules);
}

} // namespace xprober
