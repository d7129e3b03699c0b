#include "xprober/store/chain_page.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <tuple>

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
    const auto end = chain[i].not_after_unix;
    if (end != 0 && (chain[first].not_after_unix == 0 || end < chain[first].not_after_unix)) {
      first = i;
    }
  }
  return first;
}

/// Puts the answer to one question together. Nothing is kept for it beside the sightings: to keep
/// it for each of them would cost more than it saves.
class chain_book::pager {
public:
  pager(const chain_book& book, const chain_query& query)
      : book_(book), query_(query), part_(ascii::to_lower(query.text)) {}

  chain_page make() {
    gather();
    for (const auto& [target, all] : seen_) {
      add(book_.targets_.at(target), all);
    }
    for (const auto& [own, made] : drafts_) {
      add_row(own, made);
    }
    chain_page page;
    page.counts = book_.counts();
    page.matching = rows_.size();
    std::ranges::sort(rows_, {}, [](const auto& entry) {
      // One whose end is not known yet comes last.
      const auto end = entry.row.end_unix();
      return std::tuple{end == 0, end, std::string_view{entry.row.chain[0].fingerprint_sha256}};
    });
    for (auto i = query_.offset; i < rows_.size() && page.certificates.size() < query_.limit; ++i) {
      name_targets(rows_[i]);
      page.certificates.push_back(std::move(rows_[i].row));
    }
    return page;
  }

private:
  struct witness {
    const agent_key* who = nullptr;
    sighting what;
  };
  struct shown_target {
    const target* named = nullptr;
    const std::vector<witness>* all = nullptr;
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
    bool named = false; ///< a target's address has the text that is looked for
  };
  struct drafted_row {
    certificate_row row;
    const draft* from = nullptr;
    number own = 0;
  };

  number own_of(const witness& one) const { return book_.chains_[one.what.chain].certificates[0]; }

  void gather() {
    for (const auto& [who, agent] : book_.agents_) {
      if (!query_.target) {
        for (const auto& [target, what] : agent.sightings) {
          seen_[target].push_back({&who, what});
        }
      } else if (const auto at = agent.sightings.find(*query_.target);
                 at != agent.sightings.end()) {
        seen_[at->first].push_back({&who, at->second});
      }
    }
  }

  void add(const target& named, const std::vector<witness>& all) {
    const bool differs = std::ranges::any_of(
        all, [&](const auto& one) { return own_of(one) != own_of(all.front()); });
    const bool is_named = !part_.empty() && has_part(named.uid.address, part_);
    std::set<number> counted;
    for (const auto& one : all) {
      auto& made = drafts_[own_of(one)];
      auto& way = made.chains[one.what.chain];
      ++way.seen;
      ++way.verdicts[one.what.verdict];
      made.sources.insert(one.who->first);
      made.named = made.named || is_named;
      if (counted.insert(own_of(one)).second) {
        made.targets.push_back({&named, &all, differs});
      }
    }
  }

  bool is_wanted(const certificate_row& row, bool named) const {
    const bool fits_text =
        part_.empty() || named ||
        std::ranges::any_of(row.chain, [&](const auto& one) { return has_part(one, part_); });
    const bool fits_end =
        !query_.until_unix || (row.end_unix() != 0 && row.end_unix() <= *query_.until_unix);
    return fits_text && fits_end && (!query_.differing || row.differing > 0) &&
           (query_.fingerprint.empty() || row.chain[0].fingerprint_sha256 == query_.fingerprint);
  }

  void add_row(number own, const draft& made) {
    certificate_row row;
    const auto most =
        std::ranges::max_element(made.chains, {}, [](const auto& way) { return way.second.seen; });
    for (const auto one : book_.chains_[most->first].certificates) {
      row.chain.push_back(book_.certificates_[one].facts);
    }
    row.first = first_to_end(row.chain);
    row.differing =
        static_cast<std::size_t>(std::ranges::count(made.targets, true, &shown_target::differs));
    if (!is_wanted(row, made.named)) {
      return;
    }
    count_refusals(made, row);
    row.state = judge_chain(row.chain, verdict_on(most->second));
    row.chains = made.chains.size();
    row.targets = made.targets.size();
    row.sources.assign(made.sources.begin(), made.sources.end());
    rows_.push_back({std::move(row), &made, own});
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
  static std::string_view verdict_on(const sent_way& way) {
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
  std::vector<const witness*> some_of(const std::vector<witness>& all, number own) const {
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

  void name_targets(drafted_row& entry) {
    auto targets = entry.from->targets;
    std::ranges::sort(targets, [](const auto& a, const auto& b) {
      return a.differs != b.differs ? a.differs : a.named->uid < b.named->uid;
    });
    targets.resize(std::min(targets.size(), query_.targets));
    for (const auto& [named, all, differs] : targets) {
      if (witnesses_named_ >= max_named_witnesses) {
        break;
      }
      certified_target shown{named->uid, {}, differs, all->size()};
      for (const auto* one : some_of(*all, entry.own)) {
        shown.witnesses.push_back({{one->who->first, one->who->second},
                                   book_.certificates_[own_of(*one)].facts.fingerprint_sha256,
                                   std::string{told_verdicts[one->what.verdict]}});
      }
      witnesses_named_ += shown.witnesses.size();
      entry.row.shown.push_back(std::move(shown));
    }
  }

  const chain_book& book_;
  const chain_query& query_;
  std::string part_;
  std::unordered_map<std::uint64_t, std::vector<witness>> seen_; ///< by target
  std::map<number, draft> drafts_; ///< by the target's own certificate
  std::vector<drafted_row> rows_;
  std::size_t witnesses_named_ = 0;
};

chain_page chain_book::find(const chain_query& query) const { return pager{*this, query}.make(); }

} // namespace xprober
