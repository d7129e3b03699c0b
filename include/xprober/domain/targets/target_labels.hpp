#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xprober/domain/target.hpp"

namespace xprober {

/// Labels of a series beside our own, sorted by name, each name once.
using label_list = std::vector<std::pair<std::string, std::string>>;

/// True for what Prometheus takes as the name of a label: letters, digits and '_', no digit first
/// (https://prometheus.io/docs/concepts/data_model/).
bool is_label_name(std::string_view text) noexcept;

/// `labels` as series carry them: those that begin with "__" and empty ones go, and one that has
/// the name of a label of our own becomes "exported_<name>", as where Prometheus meets a collision.
std::map<std::string, std::string> series_labels(const std::map<std::string, std::string>& labels);

/// The labels of all targets that have any. Never changes after its creation, so it is shared: the
/// target pool hands it to everybody who names series. 16 bytes for each target with labels; a list
/// of labels is held once for all targets that have it.
///
/// A target is found by its stable hash, as endpoints name it.
class target_labels {
public:
  class builder;

  /// Null where the target has none.
  const label_list* find(const target_uid& uid) const noexcept { return find(stable_hash(uid)); }
  const label_list* find(std::uint64_t uid_hash) const noexcept;

  std::size_t size() const noexcept { return rows_.size(); } ///< targets with labels
  /// Targets that were named again with other labels: the first ones count.
  std::uint64_t conflicts() const noexcept { return conflicts_; }

private:
  struct row {
    std::uint64_t uid_hash = 0;
    std::uint32_t list = 0;
  };

  std::vector<row> rows_; ///< by `uid_hash`
  std::vector<label_list> lists_;
  std::uint64_t conflicts_ = 0;
};

using target_labels_ptr = std::shared_ptr<const target_labels>;

/// Gathers labels in the order in which targets are named.
class target_labels::builder {
public:
  /// Targets named together. Without labels they leave nothing behind.
  void add(const prober_name& type, const std::string& region,
           std::span<const std::string> addresses,
           const std::map<std::string, std::string>& labels);

  /// Null if no target has labels. The builder is empty after it.
  target_labels_ptr finish();

private:
  std::map<label_list, std::uint32_t> known_;
  target_labels made_;
};

} // namespace xprober
