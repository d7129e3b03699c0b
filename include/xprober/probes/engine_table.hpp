#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "xprober/probes/probe_engine.hpp"

namespace xprober {

/// The engines of an agent by the kinds that they probe, of which there are few. Engines and kinds
/// outlive it.
class engine_table {
public:
  struct entry {
    const probe_kind* kind = nullptr;
    probe_engine* engine = nullptr;
  };

  engine_table() = default;
  explicit engine_table(std::vector<entry> entries) : entries_(std::move(entries)) {}

  /// Null for a kind without an engine.
  probe_engine* find(const probe_kind& kind) const noexcept {
    for (const auto& e : entries_) {
      if (e.kind == &kind) {
        return e.engine;
      }
    }
    return nullptr;
  }

  /// The kind of a name, where it has an engine; else null.
  const probe_kind* find_kind(std::string_view name) const noexcept {
    for (const auto& e : entries_) {
      if (e.kind->name == name) {
        return e.kind;
      }
    }
    return nullptr;
  }

  const std::vector<entry>& entries() const noexcept { return entries_; }

private:
  std::vector<entry> entries_;
};

} // namespace xprober
