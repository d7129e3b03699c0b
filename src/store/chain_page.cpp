#include "xprober/store/chain_page.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "xprober/domain/ascii.hpp"
#include "xprober/store/chain_book.hpp"

namespace xprober {

namespace {

bool is_root(const sent_certificate& one) {
  return !one.subject.empty() && one.subject == one.issuer;
}

/// False: it is known by its fingerprint alone. Each has an issuer (RFC 5280, section 4.1.2.4).
bool is_known(const sent_certificate& one) { return !one.issuer.empty(); }

bool is_refusal(std::string_view verdict) { return verdict.starts_with("tls_"); }

/// The way to an accepted authority was found, whatever else was wrong.
bool is_anchored(std::string_view verdict) {
  return verdict == "accepted" || verdict == "tls_expired" || verdict == "tls_not_yet_valid" ||
         verdict == "tls_wrong_name";
}

bool has_part(std::string_view text, std::string_view lower_part) {
  return !std::ranges::search(text, lower_part, {}, ascii::lower).empty() || lower_part.empty();
}

bool has_part(const sent_certificate& one, std::string_view part) {
  return has_part(one.subject, part) || has_part(one.issuer, part) ||
         one.fingerprint_sha256.starts_with(part) ||
         std::ranges::any_of(one.dns_names, [&](const auto& name) { return has_part(name, part); });
}

/// Whether one end comes before another; 0: it is not known.
constexpr bool ends_before(std::int64_t end, std::int64_t other) noexcept {
  return end != 0 && (other == 0 || end < other);
}

} // namespace

std::string_view to_string(chain_state state) noexcept {
  switch (state) {
  case chain_state::complete: return "complete";
  case chain_state::incomplete: return "incomplete";
  case chain_state::wrong_order: return "wrong_order";
  case chain_state::unrelated: return "unrelated";
  case chain_state::untrusted_root: return "untrusted_root";
  case chain_state::unverified: return "unverified";
  }
  return "unverified";
}

chain_state judge_chain(std::span<const sent_certificate> chain, std::string_view verdict) {
  for (std::size_t i = 0; i + 1 < chain.size(); ++i) {
    if (chain[i].issuer == chain[i + 1].subject || !is_known(chain[i]) || !is_known(chain[i + 1])) {
      continue;
    }
    const bool has_issuer = std::ranges::any_of(chain, [&](const auto& one) {
      return &one != &chain[i] && one.subject == chain[i].issuer;
    });
    return has_issuer && !is_root(chain[i]) ? chain_state::wrong_order : chain_state::unrelated;
  }
  if (is_anchored(verdict)) {
    return chain_state::complete;
  }
  const bool has_root = !chain.empty() && is_root(chain.back());
  if (verdict == "tls_unknown_issuer") {
    return has_root ? chain_state::untrusted_root : chain_state::incomplete;
  }
  return has_root ? chain_state::complete : chain_state::unverified;
}

std::size_t first_to_end(std::span<const sent_certificate> chain) noexcept {
  std::size_t first = 0;
  for (std::size_t i = 1; i < chain.size(); ++i) {
    first = ends_before(chain[i].not_after_unix, chain[first].not_after_unix) ? i : first;
  }
  return first;
}

/// What is told, by target and by the target's own certificate. It refers into the book, whose
/// entries stay where they are until something changes. All that it says of certificates is their
/// numbers: what is learnt of one is no change.
class chain_book::index {
public:
  struct witness {
    const agent_key* who = nullptr;
    sighting what;
  };
  struct shown_target {
    const target* named = nullptr;
    std::span<const witness> all;
    bool differs = false;
  };
  /// One of the ways in which a certificate is sent.
  struct sent_way {
    std::size_t seen = 0; ///< by so many agents, at all targets
    std::array<std::size_t, told_verdicts.size()> verdicts{};
  };
  /// What is known of a target's own certificate.
  struct draft {
    std::map<number, sent_way> chains;
    std::set<std::string_view> sources;
    std::vector<shown_target> targets;
    std::size_t differing = 0; ///< targets that show another one to others

    /// As most send it.
    std::pair<number, sent_way> usual() const {
      return *std::ranges::max_element(chains, {}, [](const auto& way) { return way.second.seen; });
    }
  };

  explicit index(chain_book& book) : witnesses_(book.sightings_) {
    std::uint32_t next = 0;
    for (auto& [hash, named] : book.targets_) {
      named.place = next;
      next += named.sightings;
    }
    // Of one target in the order of the agents.
    for (const auto& [who, agent] : book.agents_) {
      for (const auto& [target, what] : agent.sightings) {
        witnesses_[book.targets_.find(target)->second.place++] = {&who, what};
      }
    }
    for (const auto& [hash, named] : book.targets_) {
      add(book, named, {&witnesses_[named.place - named.sightings], named.sightings});
    }
  }

  /// Of this target alone.
  index(const chain_book& book, std::uint64_t target) {
    for (const auto& [who, agent] : book.agents_) {
      if (const auto at = agent.sightings.find(target); at != agent.sightings.end()) {
        witnesses_.push_back({&who, at->second});
      }
    }
    if (!witnesses_.empty()) {
      add(book, book.targets_.at(target), witnesses_);
    }
  }
  index(const index&) = delete;
  index& operator=(const index&) = delete;
  ~index() = default;

  const std::map<number, draft>& drafts() const noexcept { return drafts_; }

private:
  void add(const chain_book& book, const target& named, std::span<const witness> all) {
    const bool differs = std::ranges::any_of(
        all, [&](const auto& one) { return own_of(book, one) != own_of(book, all.front()); });
    std::set<number> counted;
    for (const auto& one : all) {
      auto& made = drafts_[own_of(book, one)];
      auto& way = made.chains[one.what.chain];
      ++way.seen;
      ++way.verdicts[one.what.verdict];
      made.sources.insert(one.who->first);
      if (counted.insert(own_of(book, one)).second) {
        made.targets.push_back({&named, all, differs});
        made.differing += differs ? 1 : 0;
      }
    }
  }

  static number own_of(const chain_book& book, const witness& one) {
    return book.chains_[one.what.chain].certificates[0];
  }

  std::vector<witness> witnesses_; ///< those of one target together
  std::map<number, draft> drafts_; ///< by the target's own certificate
};

/// Puts the answer to one question together.
class chain_book::pager {
public:
  pager(const chain_book& book, const index& told, const chain_query& query)
      : book_(book), told_(told), query_(query), part_(ascii::to_lower(query.text)) {}

  chain_page make() {
    for (const auto& [own, made] : told_.drafts()) {
      add_row(own, made);
    }
    chain_page page;
    page.counts = book_.counts();
    page.matching = rows_.size();
    std::ranges::sort(rows_, {}, [this](const auto& entry) {
      // One whose end is not known yet comes last.
      return std::tuple{entry.end == 0, entry.end, std::string_view{fingerprint_of(entry.own)}};
    });
    for (auto i = query_.offset; i < rows_.size() && page.certificates.size() < query_.limit; ++i) {
      page.certificates.push_back(row_of(rows_[i]));
    }
    return page;
  }

private:
  using witness = index::witness;
  using draft = index::draft;
  struct drafted_row {
    const draft* from = nullptr;
    number own = 0;
    std::int64_t end = 0;
  };

  const sent_certificate& facts_of(number one) const { return book_.certificates_[one].facts; }
  const std::string& fingerprint_of(number one) const { return facts_of(one).fingerprint_sha256; }
  number own_of(const witness& one) const { return book_.chains_[one.what.chain].certificates[0]; }

  void add_row(number own, const draft& made) {
    const bool is_asked = query_.fingerprint.empty() || fingerprint_of(own) == query_.fingerprint;
    if (!is_asked || (query_.differing && made.differing == 0)) {
      return;
    }
    const auto& chain = book_.chains_[made.usual().first].certificates;
    auto end = facts_of(chain.front()).not_after_unix;
    for (const auto one : chain) {
      const auto other = facts_of(one).not_after_unix;
      end = ends_before(other, end) ? other : end;
    }
    const bool fits_end = !query_.until_unix || (end != 0 && end <= *query_.until_unix);
    if (fits_end && has_text(chain, made)) {
      rows_.push_back({&made, own, end});
    }
  }

  bool has_text(const std::vector<number>& chain, const draft& made) const {
    return part_.empty() ||
           std::ranges::any_of(chain, [&](auto one) { return has_part(facts_of(one), part_); }) ||
           std::ranges::any_of(made.targets, [&](const auto& shown) {
             return has_part(shown.named->uid.address, part_);
           });
  }

  certificate_row row_of(const drafted_row& entry) {
    const auto& made = *entry.from;
    const auto [chain, way] = made.usual();
    certificate_row row;
    for (const auto one : book_.chains_[chain].certificates) {
      row.chain.push_back(facts_of(one));
    }
    row.first = first_to_end(row.chain);
    row.differing = made.differing;
    count_refusals(made, row);
    row.state = judge_chain(row.chain, verdict_on(way));
    row.chains = made.chains.size();
    row.targets = made.targets.size();
    row.sources.assign(made.sources.begin(), made.sources.end());
    name_targets(entry, row);
    return row;
  }

  static void count_refusals(const draft& made, certificate_row& row) {
    for (std::size_t i = 0; i < told_verdicts.size(); ++i) {
      std::size_t count = 0;
      for (const auto& [chain, way] : made.chains) {
        count += way.verdicts[i];
      }
      if (count > 0 && is_refusal(told_verdicts[i])) {
        row.refused += count;
        row.refusals.emplace_back(told_verdicts[i]);
      }
    }
  }

  /// What is said of the chain that the row shows, whatever is said of the others. Who lacks an
  /// issuer knows more of it than who has one of his own, and who has refused it for something else
  /// more than who did not ask.
  static std::string_view verdict_on(const index::sent_way& way) {
    std::string_view best;
    for (std::size_t i = 0; i < told_verdicts.size(); ++i) {
      const auto text = told_verdicts[i];
      if (way.verdicts[i] == 0) {
        continue;
      }
      if (text == "tls_unknown_issuer") {
        return text;
      }
      best = best.empty() || is_anchored(text) ? text : best;
    }
    return best;
  }

  /// Who is named where there are too many: one who sees the row's own certificate, one of each
  /// other, and then the first.
  std::vector<const witness*> some_of(std::span<const witness> all, number own) const {
    std::vector<const witness*> some;
    std::set<number> told;
    const auto add = [&](const witness& one, bool is_wanted) {
      if (is_wanted && some.size() < query_.witnesses) {
        some.push_back(&one);
        told.insert(own_of(one));
      }
    };
    for (const auto& one : all) {
      add(one, own_of(one) == own && told.empty());
    }
    for (const auto& one : all) {
      add(one, !told.contains(own_of(one)));
    }
    for (std::size_t i = 0; i < all.size() && some.size() < query_.witnesses; ++i) {
      add(all[i], std::ranges::find(some, &all[i]) == some.end());
    }
    std::ranges::sort(some); // they are of one vector
    return some;
  }

  void name_targets(const drafted_row& entry, certificate_row& row) {
    auto targets = entry.from->targets;
    const auto count = std::min(targets.size(), query_.targets);
    std::ranges::partial_sort(targets, targets.begin() + static_cast<std::ptrdiff_t>(count),
                              [](const auto& a, const auto& b) {
                                return a.differs != b.differs ? a.differs
                                                              : a.named->uid < b.named->uid;
                              });
    targets.resize(count);
    for (const auto& [named, all, differs] : targets) {
      if (witnesses_named_ >= max_named_witnesses) {
        break;
      }
      certified_target shown{named->uid, {}, differs, all.size()};
      for (const auto* one : some_of(all, entry.own)) {
        shown.witnesses.push_back({{one->who->first, one->who->second},
                                   fingerprint_of(own_of(*one)),
                                   std::string{told_verdicts[one->what.verdict]}});
      }
      witnesses_named_ += shown.witnesses.size();
      row.shown.push_back(std::move(shown));
    }
  }

  const chain_book& book_;
  const index& told_;
  const chain_query& query_;
  std::string part_;
  std::vector<drafted_row> rows_;
  std::size_t witnesses_named_ = 0;
};

chain_page chain_book::find(const chain_query& query) {
  if (query.target) {
    return pager{*this, index{*this, *query.target}, query}.make();
  }
  if (!index_) {
    index_ = std::make_shared<const index>(*this);
  }
  return pager{*this, *index_, query}.make();
}

} // namespace xprober
