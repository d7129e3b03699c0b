#include "xprober/actors/server/batch_check.hpp"

#include <algorithm>

#include "xprober/domain/kind_series.hpp"
#include "xprober/domain/label_text.hpp"
#include "xprober/domain/wire/batch_parser.hpp"
#include "xprober/domain/wire/series_check.hpp"

namespace xprober {

namespace {

constexpr std::size_t errors_told = 5;

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

} // namespace

batch_findings check_batch(std::string_view bytes, const batch_header& header, std::string& body) {
  batch_findings found;
  if (const auto problem = read_batch_body(bytes, body); !problem.empty()) {
    found.verdict.rejected = std::min(header.rows, max_batch_rows);
    note(found, problem);
    return found;
  }
  batch_parser rows{body, header.rows};
  batch_judge judge{rows};
  batch_row row;
  for (auto step = rows.next(row); step != batch_parser::step::end; step = rows.next(row)) {
    if (step == batch_parser::step::bad_row) {
      ++found.verdict.rejected;
      note(found, rows.row_problem());
    } else if (const auto why = judge.why_not(row.target); !why.empty()) {
      ++found.verdict.rejected;
      if (found.errors.size() < errors_told) {
        note(found, refusal(rows, row.target, why));
      }
    } else {
      ++found.verdict.accepted;
      found.values += count_values(rows.shape_of(row.target), row.state, row.values);
    }
  }
  if (!rows.problem().empty()) {
    found.verdict.rejected += rows.unread();
    note(found, rows.problem());
  }
  found.agent = {std::string{rows.source_region()}, std::string{rows.worker_name()}};
  return found;
}

} // namespace xprober
