#include "xprober/store/chain_page.hpp"

#include <algorithm>
#include <tuple>

#include "xprober/domain/ascii.hpp"
#include "xprober/store/chain_book.hpp"

namespace xprober {

namespace {

bool is_root(const sent_certificate& one) {
  return !one.subject.empty() && one.subject == one.issuer;
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
    if (chain[i].issuer == chain[i + 1].subject) {
      continue;
    }
    const bool has_issuer = std::ranges::any_of(chain, [&](const auto& one) {
      return &one != &chain[i] && one.subject == chain[i].issuer;
    });
    return has_issuer && !is_root(chain[i]) ? chain_state::wrong_order : chain_state::unrelated;
  }
  if (verdict == "accepted") {
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
      add_row(made);
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
  /// What is known of a target's own certificate.
  struct draft {
    std::map<number, std::size_t> chains; ///< how often each was seen
    std::map<std::uint8_t, std::size_t> verdicts;
    std::set<std::string_view> sources;
    std::vector<shown_target> targets;
    bool named = false; ///< a target's address has the text that is looked for
  };
  struct drafted_row {
    certificate_row row;
    const draft* from = nullptr;
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
      ++made.chains[one.what.chain];
      ++made.verdicts[one.what.verdict];
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

  void add_row(const draft& made) {
    certificate_row row;
    const auto most =
        std::ranges::max_element(made.chains, {}, [](const auto& chain) { return chain.second; });
    for (const auto one : book_.chains_[most->first].certificates) {
      row.chain.push_back(book_.certificates_[one].facts);
    }
    row.first = first_to_end(row.chain);
    row.differing =
        static_cast<std::size_t>(std::ranges::count(made.targets, true, &shown_target::differs));
    if (!is_wanted(row, made.named)) {
      return;
    }
    // Who has refused it knows more than who did not ask.
    std::string_view verdict;
    for (const auto& [number, count] : made.verdicts) {
      const std::string_view text = book_.verdicts_[number];
      const bool is_refusal = text.starts_with("tls_");
      row.refused += is_refusal ? count : 0;
      verdict = is_refusal || verdict.empty() ? text : verdict;
    }
    row.state = judge_chain(row.chain, verdict);
    row.chains = made.chains.size();
    row.targets = made.targets.size();
    row.sources.assign(made.sources.begin(), made.sources.end());
    rows_.push_back({std::move(row), &made});
  }

  void name_targets(drafted_row& entry) const {
    auto targets = entry.from->targets;
    std::ranges::sort(targets, [](const auto& a, const auto& b) {
      return a.differs != b.differs ? a.differs : a.named->uid < b.named->uid;
    });
    targets.resize(std::min(targets.size(), query_.targets));
    for (const auto& [named, all, differs] : targets) {
      certified_target shown{named->uid, {}, differs};
      for (const auto& one : *all) {
        shown.witnesses.push_back({{one.who->first, one.who->second},
                                   book_.certificates_[own_of(one)].facts.fingerprint_sha256,
                                   book_.verdicts_[one.what.verdict]});
      }
      entry.row.shown.push_back(std::move(shown));
    }
  }

  const chain_book& book_;
  const chain_query& query_;
  std::string part_;
  std::unordered_map<std::uint64_t, std::vector<witness>> seen_; ///< by target
  std::map<number, draft> drafts_; ///< by the target's own certificate
  std::vector<drafted_row> rows_;
};

chain_page chain_book::find(const chain_query& query) const { return pager{*this, query}.make(); }

} // namespace xprober
