#include <algorithm>
#include <string>
#include <vector>

#include "xprober/domain/ascii.hpp"
#include "xprober/top/view.hpp"

// What can be selected on the screen, and which part of it is seen.
namespace xprober::top {

/// The places of those that fit the filter.
std::vector<std::size_t> view::fitting_incidents() const {
  const auto wanted = ascii::to_lower(filter_);
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < now_.incidents.size(); ++i) {
    if (now_.incidents[i].found_by.find(wanted) != std::string::npos) {
      out.push_back(i);
    }
  }
  return out;
}

/// So many of them have room where targets keep a third of the screen, as far as they need it.
std::size_t view::most_listed(std::size_t incidents) const {
  const auto room = body_rows();
  const auto third = std::max<std::size_t>(room / 3, 1);
  std::size_t kept = 1; // their heading
  for (std::size_t i = 0; i < now_.targets.size() && kept < third && !folded_[1]; ++i) {
    kept += height_of({part::target, i});
  }
  const auto left = room - std::min(room, kept + 1); // without the heading of incidents
  const auto height = height_of({part::incident, 0});
  return incidents * height <= left
             ? incidents
             : std::max<std::size_t>((left - std::min<std::size_t>(left, 1)) / height, 1);
}

std::vector<view::item> view::items() const {
  std::vector<item> out;
  const auto add = [&](part heading, part row, std::size_t size, bool folded) {
    out.push_back({heading, 0});
    for (std::size_t i = 0; i < size && !folded; ++i) {
      out.push_back({row, i});
    }
  };
  if (now_.who == role::server) {
    out.push_back({part::incidents, 0});
    const auto fitting = folded_[0] ? std::vector<std::size_t>{} : fitting_incidents();
    const auto most = all_incidents_ ? fitting.size() : most_listed(fitting.size());
    for (std::size_t i = 0; i < std::min(most, fitting.size()); ++i) {
      out.push_back({part::incident, fitting[i]});
    }
    if (most < fitting.size()) {
      out.push_back({part::more, fitting.size() - most});
    }
  }
  add(part::targets, part::target, now_.targets.size(), folded_[1]);
  if (now_.who == role::server) {
    add(part::regions, part::region, now_.regions.size(), folded_[2]);
  }
  return out;
}

std::size_t view::height_of(const item& what) const {
  return what.what == part::incident ||
                 (what.what == part::target && now_.targets[what.place].failing())
             ? 2
             : 1;
}

std::string view::key_of(const item& what) const {
  auto text = std::to_string(static_cast<int>(what.what)) + " ";
  switch (what.what) {
  case part::incident: return text + now_.incidents[what.place].id;
  case part::target: return text + now_.targets[what.place].key();
  case part::region: return text + now_.regions[what.place].name;
  default: return text;
  }
}

std::size_t view::body_rows() const {
  const std::size_t around =
      rows_ < small_screen ? 1 : (error_.empty() ? 3 : 4) + sentence_lines().size();
  return rows_ - std::min(rows_, around);
}

/// The selected item is one of those that there are, and on the screen.
void view::arrange() {
  const auto all = items();
  selected_ = std::min(selected_, all.size() - 1); // there is always a heading
  detail_top_ = std::min(detail_top_, std::max<std::size_t>(now_.detail.size(), 1) - 1);
  top_ = std::min(top_, selected_);
  const auto room = body_rows();
  std::size_t used = 0;
  for (std::size_t i = selected_ + 1; i-- > top_;) {
    used += height_of(all[i]);
    if (used > room) {
      top_ = std::min(i + 1, selected_);
      break;
    }
  }
}

} // namespace xprober::top
