#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/domain/counted.hpp"
#include "xprober/domain/kind.hpp"

namespace xprober {

/// How a target is probed, by the name that the wire and the configuration use: a kind of probe, or
/// a module of an agent's configuration, which is built on one. As large as a pointer and cheap to
/// copy, because every target has one: all copies share the name.
class prober_name {
public:
  /// No name, and built on nothing.
  prober_name() noexcept;
  /// The name of a kind, which must outlive all copies.
  prober_name(const probe_kind& kind); // NOLINT(google-explicit-constructor)
  /// `name` with what it is built on, where that is known: a server does not know the modules of
  /// its agents. The names of the built-in kinds are these, whatever `base` says.
  explicit prober_name(std::string_view name, const probe_kind* base = nullptr);
  prober_name(const prober_name& other) noexcept;
  prober_name(prober_name&& other) noexcept;
  prober_name& operator=(prober_name other) noexcept;
  ~prober_name();

  std::string_view text() const noexcept;
  /// The kind it is, or is built on; null where that is not known here.
  const probe_kind* kind() const noexcept;
  /// What a target of it is; as a URL where the kind is not known, which is what takes most.
  target_form takes() const noexcept;

  /// By name alone: the kind is no part of a target's identity.
  bool operator==(const prober_name& other) const noexcept;
  std::strong_ordering operator<=>(const prober_name& other) const noexcept;

private:
  struct module;
  static const module* builtin(const probe_kind* kind) noexcept;
  const module* module_;
};

inline std::string_view to_string(const prober_name& name) noexcept { return name.text(); }

/// True if targets of it are URLs, or may be: they can be written with a user, who is no part of
/// their identity. See `take_user`.
inline bool may_hold_user(const prober_name& name) noexcept {
  return name.takes() == target_form::url;
}

/// True for what a module may be called: 1 to 64 letters, digits, '_', '-' and '.'. The names of
/// the built-in kinds are among them.
bool is_prober_name(std::string_view text) noexcept;

/// What makes a target the same target: its region, its address and how it is probed.
struct target_uid {
  std::string region;
  std::string address; ///< as the server named it: an address, a host name or a URL
  prober_name type;

  auto operator<=>(const target_uid&) const = default;
};

/// 64 bits that depend on the uid alone: equal on every machine and after every restart
/// (XXH3 of the hashes of the fields, so ("ab","c") and ("a","bc") differ).
std::uint64_t stable_hash(const target_uid& uid) noexcept;
/// The same of a uid whose fields stand apart; `type` is the prober's name.
std::uint64_t stable_hash(std::string_view region, std::string_view address,
                          std::string_view type) noexcept;

/// The uid as endpoints name it: the stable hash in 16 hexadecimal digits.
std::string uid_text(const target_uid& uid);
/// The same of a stable hash.
std::string uid_text(std::uint64_t hash);

/// Reads what `uid_text` wrote; nothing if it is not 16 hexadecimal digits.
std::optional<std::uint64_t> parse_uid_text(std::string_view text) noexcept;

struct target_uid_hash {
  std::size_t operator()(const target_uid& uid) const noexcept { return stable_hash(uid); }
};

/// What stands before the '@' of a URL, as it is sent: "user@x:p:w" for "user%40x:p%3Aw"; always
/// with a colon, of which the first ends the user's name.
std::string plain_user_info(std::string_view user_info);

/// Takes the user out of a URL, which may lack its scheme: of "http://user:password@host/" remains
/// "http://host/". Gives "user:password", or nothing where there is no user.
std::optional<std::string> take_user_info(std::string& url);

/// The same for a target of a type, whose results come without the user and with the secrets of its
/// query hidden (`hide_query_secrets`). Gives what engines need of it: "user:password" as in the
/// URL, and where something was hidden behind it "?" and the whole query, as in "?token=abc". Where
/// it is not known here whether targets of the type are URLs, only what can be nothing else is a
/// user: one behind a scheme, and one with a password.
std::optional<std::string> take_user(const prober_name& type, std::string& address);

/// A dense number for a target inside one process: an index into vectors. Reused after the
/// target has gone.
using target_index = std::uint32_t;

/// One target as all parts of an agent share it. Never changes after its creation.
struct target_spec {
  target_uid uid; ///< the kind that its module is built on is known
  target_index index = 0;
  reference_count references = {};
  /// Of a URL that was written with a user or with secrets in its query: what `take_user` took. It
  /// is kept apart because `uid` is shown in results, metrics and logs. Null: none.
  std::unique_ptr<const std::string> user_info = nullptr;

  const probe_kind& kind() const noexcept { return *uid.type.kind(); }
};

using target_ref = counted_ptr<const target_spec>;

/// One entry of a target list as the wire has it: several addresses of one region and type.
/// `prober_type` stays text here because an unknown one must survive decoding.
struct target_group {
  std::string prober_type;
  std::string region;
  std::vector<std::string> targets;

  bool operator==(const target_group&) const = default;
};

using target_list = std::vector<target_group>;

} // namespace xprober
