#pragma once

#include <optional>
#include <string>

#include "xprober/resolver/answer.hpp"
#include "xprober/resolver/answer_cache.hpp"
#include "xprober/resolver/counters.hpp"
#include "xprober/resolver/hosts_file.hpp"

namespace xprober::dns {

/// True for the answers that a name does not exist or has no address.
bool is_negative(probe_error error) noexcept;

/// What a resolver knows without asking anybody: addresses that are written as such, the hosts
/// file, and what servers said before.
class known_answers {
public:
  explicit known_answers(const resolver_options& options);

  /// The answer to a text that is an address (IPv6 also in brackets), or that nobody need be asked
  /// for because it is no name. Nothing for all others.
  static std::optional<resolve_answer> of_text(const std::string& host);

  /// What a server said before; null where nothing is kept. Counts what it finds.
  answer_ptr kept(const name_key& key, dns_counters& counters);

  /// The addresses of the hosts file, into their families. False where it has none.
  bool in_files(const name_key& key, family_answer& ip4, family_answer& ip6);

  /// Keeps an answer for as long as its parts and the options allow.
  void keep(const name_key& key, const resolve_answer& answer, const family_answer& ip4,
            const family_answer& ip6);

  /// Forgets what was kept, and takes other bounds.
  void reconfigure(const resolver_options& options);

  std::size_t size() const noexcept { return cache_.size(); }

private:
  milliseconds max_ttl_;
  milliseconds max_negative_ttl_;
  hosts_file hosts_;
  answer_cache cache_;
};

} // namespace xprober::dns
