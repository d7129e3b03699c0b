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

std::string spaced(std::string_view what) { return " " + std::string{what} + " "; }

std::string target_evidence(const cause& c, const counted_ends& ends) {
  const auto pairs = share_text(c.evidence);
  switch (c.scope) {
  case cause_scope::one:
    return c.degraded ? "it is degraded for " + pairs + " " + std::string{ends.sources}
                      : counted(c.evidence, spaced(ends.sources), "fails", "fail") + " to reach it";
  case cause_scope::together:
    return count_text(c.targets.size(), ends.target, ends.targets) + began_text(c) + ", in " +
           pairs + " pairs";
  default: return counted_bad(c, c.members, spaced(ends.targets)) + ", in " + pairs + " pairs";
  }
}

std::string source_evidence(const cause& c, const counted_ends& ends) {
  const auto pairs = share_text(c.evidence);
  if (c.scope == cause_scope::one) {
    return (c.degraded ? "it sees " : "it fails to reach ") + pairs + " " +
           std::string{ends.targets} + (c.degraded ? " degraded" : "");
  }
  return counted_bad(c, c.members, spaced(ends.sources)) + ", in " + pairs + " pairs";
}

std::string region_evidence(const cause& c, const counted_ends& ends) {
  return target_evidence(c, ends) + (c.trouble == prober_trouble::silent
                                         ? ", and its own probers are silent"
                                         : ", and it reaches nearly nobody");
}

std::string path_evidence(const cause& c, const counted_ends& ends) {
  const auto pairs = counted_bad(c, c.evidence, " pairs ");
  switch (c.scope) {
  case cause_scope::one:
    return std::string{c.degraded ? "the pair is degraded" : "the pair fails"} +
           (c.undecided  ? ", and nothing else tells which end it is"
            : c.degraded ? ", and neither end is in general"
                         : ", and neither end fails in general");
  case cause_scope::all:
    return pairs + ", and no " + std::string{ends.source} +
           (ends.source == ends.target ? "" : " and no " + std::string{ends.target}) +
           " is better than the others";
  case cause_scope::together: return std::to_string(c.evidence.bad) + " pairs" + began_text(c);
  default:
    return pairs + " from " + count_text(c.sources.size(), ends.source, ends.sources) + " to " +
           count_text(c.targets.size(), ends.target, ends.targets);
  }
}

std::string prober_evidence(const cause& c) {
  switch (c.trouble) {
  case prober_trouble::silent:
    return c.evidence.of == 0
               ? "nothing is heard of " + std::string{c.sources.size() == 1 ? "it" : "them"}
               : counted(c.evidence, " series ", "has", "have") + " no results";
  case prober_trouble::faults:
    if (c.evidence.bad == 0) { // it says so, and its series do not
      return c.sources.size() == 1 ? "it has a fault of its own" : "they have faults of their own";
    }
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

std::string count_text(std::size_t count, std::string_view one, std::string_view several) {
  return std::to_string(count) + " " + std::string{count == 1 ? one : several};
}

std::string evidence_text(const cause& c, const counted_ends& ends) {
  switch (c.type) {
  case cause_type::target: return target_evidence(c, ends) + others_text(c);
  case cause_type::source: return source_evidence(c, ends) + others_text(c);
  case cause_type::region: return region_evidence(c, ends) + others_text(c);
  case cause_type::path: return path_evidence(c, ends);
  case cause_type::prober: return prober_evidence(c) + others_text(c);
  }
  return "";
}

} // namespace xprober
