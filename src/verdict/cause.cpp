#include "xprober/verdict/cause.hpp"

namespace xprober {

namespace {

std::string share_text(const share& s) {
  return std::to_string(s.bad) + " of " + std::to_string(s.of);
}

/// "37 of 40 sources fail", "1 of 2 sources fails".
std::string counted(const share& s, std::string_view what, std::string_view one,
                    std::string_view several) {
  return share_text(s) + std::string{what} + std::string{s.bad == 1 ? one : several};
}

/// What has losses or is slow, but answers, does not fail.
std::string counted_bad(const cause& c, const share& s, std::string_view what) {
  return c.degraded ? counted(s, what, "is degraded", "are degraded")
                    : counted(s, what, "fails", "fail");
}

std::string began_text(const cause& c) {
  const auto* what = c.mixed      ? " began to fail or to degrade"
                     : c.degraded ? " began to degrade"
                                  : " began to fail";
  return what + std::string{" within a minute"};
}

std::string others_text(const cause& c) {
  if (c.others.of == 0) {
    return {};
  }
  return "; " + (c.degraded ? counted_bad(c, c.others, " others ")
                            : counted(c.others, " others ", "is failing", "are failing"));
}

std::string target_evidence(const cause& c, const side_words& words) {
  const auto pairs = share_text(c.evidence);
  switch (c.scope) {
  case cause_scope::one:
    return c.degraded
               ? "it is degraded for " + pairs + words.sources()
               : counted(c.evidence, words.sources() + " ", "fails", "fail") + " to reach it";
  case cause_scope::together:
    return std::to_string(c.targets.size()) + words.targets() + began_text(c) + ", in " + pairs +
           " pairs";
  default: return counted_bad(c, c.members, words.targets() + " ") + ", in " + pairs + " pairs";
  }
}

std::string source_evidence(const cause& c, const side_words& words) {
  const auto pairs = share_text(c.evidence);
  if (c.scope == cause_scope::one) {
    return (c.degraded ? "it sees " : "it fails to reach ") + pairs + words.targets() +
           (c.degraded ? " degraded" : "");
  }
  return counted_bad(c, c.members, words.sources() + " ") + ", in " + pairs + " pairs";
}

std::string region_evidence(const cause& c, const side_words& words) {
  return target_evidence(c, words) + (c.trouble == prober_trouble::silent
                                          ? ", and its own probers are silent"
                                          : ", and it reaches nearly nobody");
}

std::string path_evidence(const cause& c, const side_words& words) {
  const auto pairs = counted_bad(c, c.evidence, " pairs ");
  switch (c.scope) {
  case cause_scope::one:
    return std::string{c.degraded ? "the pair is degraded" : "the pair fails"} +
           (c.undecided  ? ", and nothing else tells which end it is"
            : c.degraded ? ", and neither end is in general"
                         : ", and neither end fails in general");
  case cause_scope::all: return pairs + ", and no source and no target is better than the others";
  case cause_scope::together: return std::to_string(c.evidence.bad) + " pairs" + began_text(c);
  default:
    return pairs + " between " + std::to_string(c.sources.size()) +
           words.sources(c.sources.size()) + " and " + std::to_string(c.targets.size()) +
           words.targets(c.targets.size());
  }
}

std::string prober_evidence(const cause& c) {
  switch (c.trouble) {
  case prober_trouble::silent:
    return c.evidence.of == 0
               ? "nothing is heard of " + std::string{c.sources.size() == 1 ? "it" : "them"}
               : counted(c.evidence, " series ", "has", "have") + " no results";
  case prober_trouble::faults:
    return counted(c.evidence, " series ", "ends", "end") + " with the prober's own fault";
  default: return std::string{to_string(c.trouble)} + "; its results are not counted";
  }
}

} // namespace

std::string_view to_string(cause_type type) noexcept {
  switch (type) {
  case cause_type::target: return "target";
  case cause_type::source: return "source";
  case cause_type::region: return "region";
  case cause_type::path: return "path";
  case cause_type::prober: return "prober";
  }
  return "";
}

std::string_view to_string(prober_trouble trouble) noexcept {
  switch (trouble) {
  case prober_trouble::none: return "none";
  case prober_trouble::faults: return "faults";
  case prober_trouble::overload: return "overload";
  case prober_trouble::clock: return "clock";
  case prober_trouble::silent: return "silent";
  }
  return "";
}

std::string side_words::sources(std::size_t count) const { return plural(" source", count); }
std::string side_words::targets(std::size_t count) const { return plural(" target", count); }

std::string side_words::plural(const char* what, std::size_t count) const {
  return std::string{regions ? " region" : what} + (count == 1 ? "" : "s");
}

std::string evidence_text(const cause& c, side_words words) {
  switch (c.type) {
  case cause_type::target: return target_evidence(c, words) + others_text(c);
  case cause_type::source: return source_evidence(c, words) + others_text(c);
  case cause_type::region: return region_evidence(c, words) + others_text(c);
  case cause_type::path: return path_evidence(c, words);
  case cause_type::prober: return prober_evidence(c) + others_text(c);
  }
  return "";
}

} // namespace xprober
