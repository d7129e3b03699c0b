#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "xprober/probes/ad_hoc.hpp"
#include "xprober/resolver/resolver.hpp"

namespace xprober::stream {

/// What a probe tells to who asked for it. Of a probe of a target it is nothing, and costs nothing.
class story {
public:
  /// `wishes` null: nobody asks.
  void begin(const ad_hoc_request* wishes, monotonic_time now);

  bool told() const noexcept { return told_.has_value(); }
  bool wants_lines() const noexcept { return told_ && wishes_->with_lines; }

  /// A step. Whoever builds its fields asks `wants_lines` before.
  void line(std::string text, std::vector<std::pair<std::string, std::string>> fields = {});

  /// The target's own name was resolved, or could not be.
  void resolved(const dns::resolve_answer& answer);
  /// The same of another name that the probe came to.
  void also_resolved(const dns::resolve_answer& answer);

  /// What only the kind's presenter knows.
  void set_more(std::shared_ptr<const probe_details> more);

  /// Tells it, once.
  void end(const probe_outcome& outcome);
  /// Forgets it: the probe begins anew.
  void drop() { told_.reset(); }

private:
  const ad_hoc_request* wishes_ = nullptr;
  monotonic_time begun_{};
  std::optional<probe_story> told_;
};

} // namespace xprober::stream
