#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "xprober/probes/ad_hoc.hpp"
#include "xprober/resolver/resolver.hpp"

namespace xprober::stream {

/// What a probe tells to who asked for it. Of a probe of a target it is nothing, and costs nothing.
class story {
public:
  static constexpr std::size_t max_lines = 200;

  /// `wishes` null: nobody asks.
  void begin(const ad_hoc_request* wishes, monotonic_time now);

  bool told() const noexcept { return told_ != nullptr; }
  bool wants_lines() const noexcept { return told_ && wishes_->with_lines; }

  /// A step. Whoever builds its fields asks `wants_lines` before. After `max_lines` they are but
  /// counted.
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
  void keep(std::string text, std::vector<std::pair<std::string, std::string>> fields = {});

  const ad_hoc_request* wishes_ = nullptr;
  monotonic_time begun_{};
  std::unique_ptr<probe_story> told_; ///< null: nobody asks, or it was told
  std::size_t left_out_ = 0;          ///< of the lines
};

} // namespace xprober::stream
