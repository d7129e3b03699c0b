#include "xprober/app/live_table.hpp"

#include <algorithm>
#include <sstream>

#include <spdlog/fmt/chrono.h>
#include <spdlog/fmt/fmt.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "xprober/app/probe_run.hpp"
#include "xprober/app/table.hpp"
#include "xprober/domain/time_text.hpp"

namespace xprober::app {

namespace {

constexpr std::string_view clear_screen = "\033[H\033[2J";

struct screen_size {
  std::size_t rows = 40;
  std::size_t columns = 120;
};

screen_size read_screen_size() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0) {
    return {size.ws_row, size.ws_col};
  }
  return {};
}

std::string age_text(const probe_outcome& outcome) {
  const auto age =
      wall_clock::now() -
      (outcome.started + std::chrono::duration_cast<wall_clock::duration>(outcome.duration));
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(age).count();
  return std::to_string(std::max<std::int64_t>(seconds, 0)) + " s";
}

/// The time that the probe is about: its duration column, else all of it.
std::string main_time(const probe_kind& kind, const probe_outcome& outcome) {
  if (!outcome.success) {
    return "-";
  }
  const auto duration = kind.find(column_role::duration);
  return ms_text(duration ? shown_value(kind, outcome.values, *duration).value_or(-1)
                          : to_ms(outcome.duration));
}

std::string loss_text(const probe_kind& kind, const probe_outcome& outcome) {
  const auto loss = kind.find(column_role::loss);
  const auto percent = loss ? shown_value(kind, outcome.values, *loss) : std::nullopt;
  return percent ? fmt::format("{:.1f}%", *percent) : "-";
}

/// What the other columns do not say: why a probe failed, or where a success's time went.
std::string detail_text(const target_line& line, const presenter_table& presenters) {
  const bool has_phases = line.last->target->kind().find(column_role::phase).has_value();
  return line.last->outcome.success && !has_phases ? "" : result_text(line, presenters);
}

std::vector<std::string> table_row(const target_line& line, const presenter_table& presenters) {
  std::vector<std::string> row{line.uid.address, std::string{to_string(line.uid.type)},
                               line.uid.region, line.state};
  if (!line.last) {
    row.insert(row.end(), {"-", "-", "-", "no result yet"});
    return row;
  }
  const auto& outcome = line.last->outcome;
  const auto& kind = line.last->target->kind();
  row.insert(row.end(), {main_time(kind, outcome), loss_text(kind, outcome), age_text(outcome),
                         detail_text(line, presenters)});
  return row;
}

int urgency(std::string_view state) {
  return state == "failing" ? 2 : state == "prober_fault" ? 1 : 0;
}

std::string summary_line(const target_listing& listing) {
  const auto known = listing.ok + listing.failing + listing.prober_fault;
  auto text = fmt::format("{} targets: {} ok, {} failing, {} waiting", listing.total, listing.ok,
                          listing.failing, listing.total - known);
  if (listing.prober_fault > 0) {
    text += fmt::format(", {} not probed by a fault of this prober's own", listing.prober_fault);
  }
  return text;
}

} // namespace

std::string result_text(const target_line& line, const presenter_table& presenters) {
  if (!line.last) {
    return "no result yet";
  }
  const auto& outcome = line.last->outcome;
  return outcome.success ? presenters.of(line.last->target->kind()).summary(outcome)
                         : error_text(outcome);
}

live_table::live_table(std::ostream& out, bool terminal, std::string heading,
                       presenter_table presenters)
    : out_(out), terminal_(terminal), heading_(std::move(heading)),
      presenters_(std::move(presenters)) {}

void live_table::show(const target_listing& listing) {
  if (terminal_) {
    draw(listing);
  } else {
    print_new(listing);
  }
  out_.flush();
}

void live_table::draw(const target_listing& listing) {
  auto lines = listing.lines;
  std::stable_sort(lines.begin(), lines.end(), [](const target_line& a, const target_line& b) {
    return urgency(a.state) > urgency(b.state);
  });
  const auto screen = read_screen_size();
  const std::size_t room = std::max<std::size_t>(screen.rows, 10) - 6;
  table rows{{"TARGET", "TYPE", "REGION", "STATE", ">TIME ms", ">LOSS", ">AGE", "DETAIL"}};
  for (std::size_t i = 0; i < std::min(lines.size(), room); ++i) {
    rows.add(table_row(lines[i], presenters_));
  }
  std::ostringstream text;
  rows.print(text);
  out_ << clear_screen << heading_ << "\n" << summary_line(listing) << "\n\n";
  std::istringstream cut{text.str()};
  for (std::string line; std::getline(cut, line);) {
    out_ << line.substr(0, screen.columns) << '\n';
  }
  if (lines.size() > room) {
    out_ << "... and " << listing.total - room << " more\n";
  }
}

void live_table::print_new(const target_listing& listing) {
  for (const auto& line : listing.lines) {
    auto& last = printed_[line.uid];
    if (!line.last || line.last == last) {
      continue;
    }
    last = line.last;
    const auto ended =
        line.last->outcome.started +
        std::chrono::duration_cast<wall_clock::duration>(line.last->outcome.duration);
    out_ << fmt::format("{} {} {} {}: {}\n", rfc3339(to_unix_seconds(ended)), line.state,
                        to_string(line.uid.type), line.uid.address, result_text(line, presenters_));
  }
}

} // namespace xprober::app
