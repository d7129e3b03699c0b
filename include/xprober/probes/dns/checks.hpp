#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/domain/config.hpp"
#include "xprober/domain/probe_result.hpp"
#include "xprober/probes/dns/message.hpp"

namespace re2 {
class RE2;
}

namespace xprober::dns_query {

/// What a configuration demands of the records of one section, its expressions compiled.
class record_checks {
public:
  /// `key` is the section's name: throws std::runtime_error that names the key of an expression
  /// that cannot be read.
  record_checks(const dns_rr_checks& config, const std::string& key);
  ~record_checks();
  record_checks(record_checks&&) noexcept;

  /// What is wrong with the records, for people; nothing if all is as it should be.
  ///
  /// As blackbox_exporter has it, but for `fail_if_all_match_regexp`, which there fails where not
  /// all records match: here it does what its name says.
  std::optional<std::string> judge(const std::vector<record>& records) const;

private:
  using expressions = std::vector<std::unique_ptr<const re2::RE2>>;

  std::string section_;
  expressions matches_;
  expressions all_match_;
  expressions not_matches_;
  expressions none_matches_;
};

/// What a configuration demands of an answer.
class answer_checks {
public:
  /// Throws std::runtime_error that names the key of what cannot be used.
  explicit answer_checks(const dns_probe_config& config);

  struct failure {
    probe_error error = probe_error::bad_answer;
    std::string detail;
  };
  /// What is wrong with an answer first, in the order: code, answers, authorities, additionals.
  std::optional<failure> judge(const message& answer) const;

private:
  std::vector<std::uint8_t> rcodes_;
  record_checks answers_;
  record_checks authorities_;
  record_checks additionals_;
};

} // namespace xprober::dns_query
