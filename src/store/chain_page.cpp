#include "xprober/store/chain_page.hpp"

#include <algorithm>
#include <tuple>

#include "xprober/store/chain_book.hpp"

namespace xprober {

namespace {

bool is_root(const sent_certificate& one) {
  return !one.subject.empty() && one.subject == one.issuer;
}

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool has_part(std::string_view text, std::string_view lower_part) {
  return !std::ranges::search(text, lower_part, {}, lower).empty() || lower_part.empty();
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

/// What a target shows to all agents.
struct chain_book::seen {
  struct one {
    const agent_key* who = nullptr;
    sighting what;
  };
  std::vector<one> all;
};

// Rebuilt for each question: to keep it for each sighting would cost more than it saves.
chain_page chain_book::find(const chain_query& query) const {
  std::unordered_map<std::uint64_t, seen> by_target;
  by_target.reserve(query.target ? 1 : targets_.size());
  for (const auto& [who, agent] : agents_) {
    if (query.target) {
      if (const auto at = agent.sightings.find(*query.target); at != agent.sightings.end()) {
        by_target[*query.target].all.push_back({&who, at->second});
      }
      continue;
    }
    for (const auto& [target, what] : agent.sightings) {
      by_target[target].all.push_back({&who, what});
    }
  }
  struct draft {
    std::map<number, std::size_t> chains;
    std::map<std::uint8_t, std::size_t> verdicts;
    std::set<std::string_view> sources;
    std::vector<std::pair<const target*, const seen*>> same;
    std::vector<std::pair<const target*, const seen*>> differing;
    bool fits = false;
  };
  std::map<number, draft> drafts; // by the target's own certificate
  const auto own_of = [this](const seen::one& s) { return chains_[s.what.chain].certificates[0]; };
  std::string part = query.text;
  std::ranges::transform(part, part.begin(), lower);
  for (const auto& [hash, what] : by_target) {
    const auto& uid = targets_.at(hash);
    const bool differs = std::ranges::any_of(
        what.all, [&](const auto& s) { return own_of(s) != own_of(what.all.front()); });
    const bool named = !part.empty() && has_part(uid.uid.address, part);
    std::set<number> counted;
    for (const auto& s : what.all) {
      auto& d = drafts[own_of(s)];
      ++d.chains[s.what.chain];
      ++d.verdicts[s.what.verdict];
      d.sources.insert(s.who->first);
      d.fits = d.fits || named;
      if (counted.insert(own_of(s)).second) {
        (differs ? d.differing : d.same).emplace_back(&uid, &what);
      }
    }
  }
  chain_page page;
  page.counts = counts();
  std::vector<std::pair<number, const draft*>> fitting;
  std::vector<certificate_row> rows;
  for (auto& [own, d] : drafts) {
    certificate_row row;
    const auto most =
        std::ranges::max_element(d.chains, {}, [](const auto& c) { return c.second; });
    for (const auto one : chains_[most->first].certificates) {
      row.chain.push_back(certificates_[one].facts);
    }
    row.first = first_to_end(row.chain);
    row.differing = d.differing.size();
    const bool wanted =
        (query.fingerprint.empty() || row.chain[0].fingerprint_sha256 == query.fingerprint) &&
        (part.empty() || d.fits ||
         std::ranges::any_of(row.chain, [&](const auto& c) { return has_part(c, part); })) &&
        (!query.until_unix || (row.end_unix() != 0 && row.end_unix() <= *query.until_unix)) &&
        (!query.differing || row.differing > 0);
    if (!wanted) {
      continue;
    }
    // Who has refused it knows more than who did not ask.
    std::string_view verdict;
    for (const auto& [number, count] : d.verdicts) {
      const auto& text = verdicts_[number];
      if (text.starts_with("tls_")) {
        row.refused += count;
      }
      if (verdict.empty() || (text != "accepted" && !text.empty())) {
        verdict = text;
      }
    }
    row.state = judge_chain(row.chain, verdict);
    row.chains = d.chains.size();
    row.targets = d.same.size() + d.differing.size();
    row.sources.assign(d.sources.begin(), d.sources.end());
    fitting.emplace_back(static_cast<number>(rows.size()), &d);
    rows.push_back(std::move(row));
  }
  page.matching = rows.size();
  std::ranges::sort(fitting, {}, [&](const auto& f) {
    const auto& row = rows[f.first];
    // One whose end is not known yet comes last.
    const auto end = row.end_unix();
    return std::tuple{end == 0, end, std::string_view{row.chain[0].fingerprint_sha256}};
  });
  const auto by_name = [](const auto& entry) -> const target_uid& { return entry.first->uid; };
  for (auto i = query.offset; i < fitting.size() && page.certificates.size() < query.limit; ++i) {
    auto row = std::move(rows[fitting[i].first]);
    auto d = *fitting[i].second;
    std::ranges::sort(d.differing, {}, by_name);
    std::ranges::sort(d.same, {}, by_name);
    d.differing.insert(d.differing.end(), d.same.begin(), d.same.end());
    for (const auto& [uid, what] : d.differing) {
      if (row.shown.size() >= query.targets) {
        break;
      }
      certified_target shown{uid->uid, {}, row.shown.size() < row.differing};
      for (const auto& s : what->all) {
        shown.witnesses.push_back({{s.who->first, s.who->second},
                                   certificates_[own_of(s)].facts.fingerprint_sha256,
                                   verdicts_[s.what.verdict]});
      }
      row.shown.push_back(std::move(shown));
    }
    page.certificates.push_back(std::move(row));
  }
  return page;
}

} // namespace xprober
