#include "xprober/actors/server/batch_check.hpp"

#include "xprober/domain/kind_series.hpp"
#include "xprober/domain/wire/batch_parser.hpp"

namespace xprober {

namespace {

constexpr std::size_t errors_told = 5;

void note(batch_findings& found, const std::string& error) {
  if (found.errors.size() < errors_told) {
    found.errors.push_back(error);
  }
}

} // namespace

batch_findings check_batch(std::string_view bytes, const batch_header& header, std::string& body) {
  batch_findings found;
  if (const auto problem = read_batch_body(bytes, body); !problem.empty()) {
    found.verdict.rejected = header.rows;
    note(found, problem);
    return found;
  }
  batch_parser rows{body, header.rows};
  batch_row row;
  for (auto step = rows.next(row); step != batch_parser::step::end; step = rows.next(row)) {
    if (step == batch_parser::step::row) {
      ++found.verdict.accepted;
      found.values += count_values(*rows.target(row.target).kind, row.state, row.values);
    } else {
      ++found.verdict.rejected;
      note(found, rows.row_problem());
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
