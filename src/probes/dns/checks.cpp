#include "xprober/probes/dns/checks.hpp"
#include "xprober/domain/dns_names.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <re2/re2.h>

namespace xprober::dns_query {

namespace {

using re2::RE2;

std::vector<std::unique_ptr<const RE2>> compile(const std::vector<std::string>& texts,
                                                const std::string& key) {
  std::vector<std::unique_ptr<const RE2>> all;
  RE2::Options options;
  options.set_log_errors(false);
  for (const auto& text : texts) {
    auto made = std::make_unique<RE2>(text, options);
    if (!made->ok()) {
      auto problem = key;
      problem.append(": '").append(text).append("' is not a regular expression: ");
      throw std::runtime_error(problem.append(made->error()));
    }
    all.push_back(std::move(made));
  }
  return all;
}

bool found(const RE2& expression, const std::string& text) {
  return RE2::PartialMatch(text, expression);
}

std::vector<std::uint8_t> codes_of(const std::vector<std::string>& names) {
  std::vector<std::uint8_t> codes;
  for (const auto& name : names) {
    const auto code = parse_dns_rcode(name);
    if (!code) {
      throw std::runtime_error("dns.valid_rcodes: '" + name +
                               "' is not a response code; allowed are names such as NOERROR and "
                               "NXDOMAIN, and numbers from 0 to 255");
    }
    codes.push_back(*code);
  }
  if (codes.empty()) {
    codes.push_back(0);
  }
  return codes;
}

} // namespace

record_checks::record_checks(const dns_rr_checks& config, const std::string& key)
    : section_(key), matches_(compile(config.fail_if_matches_regexp,
                                      "dns.validate_" + key + "_rrs.fail_if_matches_regexp")),
      all_match_(compile(config.fail_if_all_match_regexp,
                         "dns.validate_" + key + "_rrs.fail_if_all_match_regexp")),
      not_matches_(compile(config.fail_if_not_matches_regexp,
                           "dns.validate_" + key + "_rrs.fail_if_not_matches_regexp")),
      none_matches_(compile(config.fail_if_none_matches_regexp,
                            "dns.validate_" + key + "_rrs.fail_if_none_matches_regexp")) {}

record_checks::~record_checks() = default;
record_checks::record_checks(record_checks&&) noexcept = default;

std::optional<std::string> record_checks::judge(const std::vector<record>& records) const {
  const auto none = section_ + ": no record, and ";
  if (records.empty() && !not_matches_.empty()) {
    return none + "one that matches '" + not_matches_.front()->pattern() + "' is required";
  }
  if (records.empty() && !none_matches_.empty()) {
    return none + "one that matches '" + none_matches_.front()->pattern() + "' is required";
  }
  bool all_match = !records.empty();
  bool any_match = false;
  for (const auto& one : records) {
    const auto text = one.text();
    const auto matches = [&](const auto& expression) { return found(*expression, text); };
    if (const auto bad = std::ranges::find_if(matches_, matches); bad != matches_.end()) {
      return section_ + ": '" + text + "' matches '" + (*bad)->pattern() + "'";
    }
    if (const auto bad = std::ranges::find_if_not(not_matches_, matches);
        bad != not_matches_.end()) {
      return section_ + ": '" + text + "' does not match '" + (*bad)->pattern() + "'";
    }
    all_match = all_match && std::ranges::all_of(all_match_, matches);
    any_match = any_match || std::ranges::any_of(none_matches_, matches);
  }
  if (!all_match_.empty() && all_match) {
    return section_ + ": all records match '" + all_match_.front()->pattern() + "'";
  }
  if (!none_matches_.empty() && !any_match) {
    return section_ + ": no record matches '" + none_matches_.front()->pattern() + "'";
  }
  return std::nullopt;
}

answer_checks::answer_checks(const dns_probe_config& config)
    : rcodes_(codes_of(config.valid_rcodes)), answers_(config.validate_answer_rrs, "answer"),
      authorities_(config.validate_authority_rrs, "authority"),
      additionals_(config.validate_additional_rrs, "additional") {}

std::optional<answer_checks::failure> answer_checks::judge(const message& answer) const {
  if (std::ranges::find(rcodes_, answer.rcode) == rcodes_.end()) {
    return failure{probe_error::bad_rcode, "the server answered " + dns_rcode_text(answer.rcode)};
  }
  for (const auto& [checks, records] :
       {std::pair{&answers_, &answer.answers}, std::pair{&authorities_, &answer.authorities},
        std::pair{&additionals_, &answer.additionals}}) {
    if (auto wrong = checks->judge(*records)) {
      return failure{probe_error::bad_answer, std::move(*wrong)};
    }
  }
  return std::nullopt;
}

} // namespace xprober::dns_query
