#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "xprober/domain/clock.hpp"
#include "xprober/net/access_rules.hpp"

namespace xprober::net {

/// Who has signed in with a browser. Of the secret that a browser shows only a hash is kept, in
/// memory: a restart signs everybody out.
class sign_in_sessions {
public:
  /// A working day, so that nobody signs in twice in one.
  static constexpr std::chrono::hours lasts{12};
  /// Where there are so many, the one that ends first makes room.
  static constexpr std::size_t most = 1000;

  /// Begins a session and gives its secret: 256 random bits in 43 letters, digits, '-' and '_'.
  /// Throws std::runtime_error where the machine has no randomness.
  std::string begin(access_role role, monotonic_time now);

  /// The role of the session with this secret; `nobody` where there is none any more.
  access_role find(std::string_view secret, monotonic_time now) const;

  /// Ends the session with this secret, where there is one.
  void end(std::string_view secret);

  /// Ends the sessions of a role.
  void end_all(access_role role);

  std::size_t size() const noexcept { return sessions_.size(); }

private:
  struct session {
    access_role role = access_role::nobody;
    monotonic_time ends;
  };

  std::map<secret_hash, session> sessions_;
};

} // namespace xprober::net
