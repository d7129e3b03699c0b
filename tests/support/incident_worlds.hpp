#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "xprober/verdict/incident_book.hpp"

// A matrix whose sources and targets have names, and that is told results as they come.

namespace worlds {

using namespace xprober;

inline constexpr wall_time noon{std::chrono::seconds{1'767'268'800}};

class named_world : public incident_names {
public:
  /// `shift`: names are numbered from there on, as after a restart.
  named_world(std::uint32_t sources, std::uint32_t targets, bool mesh, std::uint32_t shift = 0,
              std::string type = "icmp")
      : type_(std::move(type)), all_(mesh), sources_(sources), targets_(targets), shift_(shift) {
    for (std::uint32_t s = 0; s < sources; ++s) {
      names_[0].push_back(mesh ? "region-" + std::to_string(s) : "agent-" + std::to_string(s));
      all_.set_source(at(s, sources_), {at(s, sources_), prober_trouble::none});
    }
    for (std::uint32_t t = 0; t < targets; ++t) {
      names_[1].push_back(mesh ? names_[0][t] : "host-" + std::to_string(t));
    }
  }

  /// The cell has had so many failures in a row; 0: it is well.
  void result(std::uint32_t source, std::uint32_t target, std::uint32_t failures,
              std::uint32_t reason = 0) {
    cell_counts cell;
    (failures == 0 ? cell.ok : cell.failing) = 1;
    cell.results = failures;
    cell.reason = failures == 0 ? no_number : reason;
    put(source, target, cell);
  }
  /// The cell has been slow for so many results.
  void slow(std::uint32_t source, std::uint32_t target, std::uint32_t results) {
    cell_counts cell;
    cell.degraded = 1;
    cell.results = results;
    put(source, target, cell);
  }
  /// Its results have stopped.
  void silence(std::uint32_t source, std::uint32_t target) {
    cell_counts cell;
    cell.unknown = 1;
    put(source, target, cell);
  }
  void forget(std::uint32_t source, std::uint32_t target) { put(source, target, {}); }
  void all_well() {
    for (std::uint32_t s = 0; s < sources_; ++s) {
      for (std::uint32_t t = 0; t < targets_; ++t) {
        if (!all_.pairs() || s != t) {
          result(s, t, 0);
        }
      }
    }
  }
  void trouble_of(std::uint32_t source, prober_trouble what) {
    all_.set_source(at(source, sources_), {at(source, sources_), what});
  }
  /// It delivers results of before.
  void behind(std::uint32_t source, bool is = true) {
    all_.set_source(at(source, sources_), {at(source, sources_), prober_trouble::none, is});
  }
  void group(std::uint32_t target, const std::string& text) { groups(target, {text}); }
  void groups(std::uint32_t target, const std::vector<std::string>& texts) {
    std::vector<std::uint32_t> numbers;
    for (const auto& text : texts) {
      const auto found = std::find(groups_.begin(), groups_.end(), text);
      numbers.push_back(static_cast<std::uint32_t>(found - groups_.begin()));
      if (found == groups_.end()) {
        groups_.push_back(text);
      }
    }
    all_.set_groups(at(target, targets_), numbers);
  }
  /// Where all targets are; empty: each in a region of its own.
  std::string region_of_targets{};
  void remove_target(std::uint32_t target) {
    for (std::uint32_t s = 0; s < sources_; ++s) {
      forget(s, target);
    }
    removed_.push_back(names_[1][target]);
  }

  kind_picture picture() {
    return {type_, std::chrono::seconds{15}, &keeper_.of(all_), &all_, this};
  }

  std::string name(side of, std::uint32_t number) const override {
    const auto& all = names_[static_cast<std::size_t>(of)];
    const auto size = static_cast<std::uint32_t>(all.size());
    return all[(number + size - shift_ % size) % size];
  }
  std::string region(side of, std::uint32_t number) const override {
    return of == side::target && !region_of_targets.empty() ? region_of_targets : name(of, number);
  }
  std::vector<incident_label> labels(std::uint32_t /*target*/) const override {
    return {{"team", "net"}};
  }
  std::string group(side /*of*/, std::uint32_t group) const override { return groups_[group]; }
  failure_text failure(std::uint32_t reason) const override {
    return {reason == 0 ? "timeout" : "refused", "connect", "it failed"};
  }
  std::optional<std::uint32_t> find(side of, std::string_view name) const override {
    const auto& all = names_[static_cast<std::size_t>(of)];
    const auto found = std::find(all.begin(), all.end(), name);
    if (found == all.end() || std::find(removed_.begin(), removed_.end(), name) != removed_.end()) {
      return std::nullopt;
    }
    return at(static_cast<std::uint32_t>(found - all.begin()),
              static_cast<std::uint32_t>(all.size()));
  }

private:
  std::uint32_t at(std::uint32_t index, std::uint32_t size) const {
    return (index + shift_) % size;
  }
  void put(std::uint32_t source, std::uint32_t target, const cell_counts& cell) {
    auto& before = cells_[{source, target}];
    all_.replace(at(source, sources_), at(target, targets_), before, cell);
    before = cell;
  }

  std::string type_;
  evidence all_;
  std::uint32_t sources_;
  std::uint32_t targets_;
  std::uint32_t shift_;
  std::vector<std::string> names_[2];
  std::vector<std::string> groups_;
  std::vector<std::string> removed_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, cell_counts> cells_;
  verdict_keeper keeper_;
};

/// No source reaches the target for so many results; 0: all do.
inline void fail_target(named_world& world, std::uint32_t sources, std::uint32_t target,
                        std::uint32_t failures, std::uint32_t reason = 0) {
  for (std::uint32_t source = 0; source < sources; ++source) {
    world.result(source, target, failures, reason);
  }
}

/// A book, the time, and what it has said.
struct book_run {
  explicit book_run(incident_settings settings = {}) : book(std::move(settings)) {}

  incident_book book;
  wall_time now = noon;
  std::vector<mute> mutes{};
  std::vector<incident_change> said{};
  std::vector<std::string> told{}; ///< "opened 1"

  void look(std::vector<kind_picture> kinds,
            std::chrono::seconds later = std::chrono::seconds{15}) {
    now += later;
    take(book.observe(kinds, mutes, now));
  }
  void take(std::vector<incident_change> changes) {
    for (auto& change : changes) {
      if (change.tell) {
        told.push_back(std::string{to_string(*change.tell)} + " " + std::to_string(change.now.id));
      }
      said.push_back(std::move(change));
    }
  }
  std::size_t count(incident_event event) const {
    return static_cast<std::size_t>(std::count_if(
        said.begin(), said.end(), [&](const auto& change) { return change.has(event); }));
  }
};

using told_list = std::vector<std::string>;

} // namespace worlds
