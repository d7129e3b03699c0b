#include "xprober/domain/wire/chains.hpp"

#include <algorithm>

#include "xprober/domain/ascii.hpp"
#include "xprober/domain/label_text.hpp"
#include "xprober/domain/sent_chain.hpp"
#include "xprober/domain/target.hpp"

namespace xprober {

namespace {

constexpr std::size_t fingerprint_length = 64;
constexpr std::size_t longest_verdict = 32;
/// As base64 is longer than what it stands for.
constexpr std::size_t base64_bytes(std::size_t bytes) { return (bytes * 4 + 2) / 3; }

bool is_fingerprint(const std::string& text) {
  return text.size() == fingerprint_length && std::ranges::all_of(text, ascii::is_small_hex_digit);
}

bool is_verdict(const std::string& text) {
  return text.size() <= longest_verdict && std::ranges::all_of(text, [](char c) {
           return ascii::is_small_letter(c) || ascii::is_digit(c) || c == '_';
         });
}

std::string too_many(const char* what, std::size_t most) {
  return std::string{what} + " has at most " + std::to_string(most) + " items";
}

std::string certificates_problem(const std::vector<std::string>& certificates) {
  if (certificates.size() > max_told_certificates) {
    return too_many("certificates", max_told_certificates);
  }
  std::size_t bytes = 0;
  for (const auto& one : certificates) {
    bytes += one.size() / 4 * 3 + one.size() % 4 * 3 / 4; // each is rounded up by itself
    if (one.size() > base64_bytes(max_certificate_bytes)) {
      return "certificates: one has at most " + std::to_string(max_certificate_bytes) + " bytes";
    }
  }
  return bytes > max_told_bytes
             ? "certificates: they have at most " + std::to_string(max_told_bytes) + " bytes"
             : std::string{};
}

} // namespace

bool has_good_names(const told_sighting& one) noexcept {
  return is_prober_name(one.prober_type) && one.region.size() <= max_region_bytes &&
         is_clean_text(one.region) && !one.target.empty() &&
         one.target.size() <= max_address_bytes && is_clean_text(one.target);
}

std::string chains_problem(const chains_request& said) {
  if (said.sightings.size() > max_told_sightings) {
    return too_many("sightings", max_told_sightings);
  }
  if (said.chains.size() > max_told_sightings) {
    return too_many("chains", max_told_sightings);
  }
  for (const auto& chain : said.chains) {
    if (chain.certificates.empty() || chain.certificates.size() > max_sent_certificates) {
      return "chains.certificates has 1 to " + std::to_string(max_sent_certificates) + " items";
    }
    if (!std::ranges::all_of(chain.certificates, is_fingerprint)) {
      return "chains.certificates: a fingerprint has 64 hexadecimal digits in lower case";
    }
  }
  for (const auto& one : said.sightings) {
    if (one.chain < -1 || one.chain >= static_cast<std::int64_t>(said.chains.size())) {
      return "sightings.chain: it is -1 or the number of one of the request's chains";
    }
    if (!is_verdict(one.verdict)) {
      return "sightings.verdict: it has at most 32 lower-case letters, digits and '_'";
    }
  }
  return certificates_problem(said.certificates);
}

} // namespace xprober
