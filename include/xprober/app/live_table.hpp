#pragma once

#include <cstdint>
#include <map>
#include <ostream>
#include <string>

#include "xprober/actors/snapshot.hpp"
#include "xprober/probes/presenter_table.hpp"

namespace xprober::app {

/// Shows the targets of an agent and their latest results: on a terminal as a table that is
/// drawn anew each time, elsewhere as one plain line for each new result.
class live_table {
public:
  /// `heading` stands above the table, e.g. the address of the web page.
  live_table(std::ostream& out, bool terminal, std::string heading, presenter_table presenters);

  /// Draws the listing, or prints what is new in it.
  void show(const target_listing& listing);

private:
  void draw(const target_listing& listing);
  void print_new(const target_listing& listing);

  std::ostream& out_;
  bool terminal_;
  std::string heading_;
  presenter_table presenters_;
  std::map<target_uid, probe_result_ptr> printed_;
};

/// One target's latest result in words: what its presenter says of a success, or the error.
std::string result_text(const target_line& line, const presenter_table& presenters);

} // namespace xprober::app
