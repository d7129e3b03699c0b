#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/actors/messages/common.hpp"
#include "xprober/domain/clock.hpp"

namespace xprober {

/// Which parts of a process answer: who was asked when, and has not answered yet. A part that is
/// asked and busy is alive for as long as its patience says; one that has ended is not. Does
/// nothing by itself: whoever asks says what came of it.
class liveness {
public:
  /// A part with its name for people and how long it may take to answer. Its number, from 0 on.
  std::size_t add(std::string_view name, nanoseconds patience);

  std::size_t size() const noexcept { return parts_.size(); }

  /// It is going to be asked. False: it has ended, or what it was asked before is not answered yet,
  /// and then it need not be asked again.
  bool ask(std::size_t number, monotonic_time now);
  /// It has answered what it was asked.
  void answered(std::size_t number);
  /// It has ended, or nobody can ask it.
  void ended(std::size_t number);

  /// A part was asked and has not answered.
  bool is_waiting() const noexcept;

  /// How it stands: not healthy where a part has ended or is silent beyond its patience. One that
  /// is silent for a second and longer is named in any case.
  health_report report(monotonic_time now) const;

private:
  struct part {
    std::string name;
    nanoseconds patience{0};
    std::optional<monotonic_time> asked; ///< not answered since
    bool has_ended = false;
  };

  std::vector<part> parts_;
};

} // namespace xprober
