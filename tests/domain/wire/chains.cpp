#define CAF_SUITE chains

#include "xprober/domain/wire/chains.hpp"

#include "xprober/domain/sent_chain.hpp"

#include "caf/test/unit_test.hpp"

namespace chains_suite {

using namespace xprober;

namespace {

const std::string mark(64, 'a');

chains_request good() {
  return {"eu",    "10.0.0.1", "p", 0, {{{mark}}}, {{"tls", "eu", "shop:443", 0, "accepted"}},
          {"AAAA"}};
}

bool is_refused(const chains_request& said, std::string_view place) {
  return chains_problem(said).starts_with(place);
}

} // namespace

CAF_TEST(what an agent tells is in bounds) {
  CAF_CHECK_EQUAL(chains_problem(good()), "");
  CAF_CHECK_EQUAL(chains_problem({}), "");
}

CAF_TEST(too much is refused by its name) {
  auto said = good();
  said.sightings.resize(max_told_sightings + 1);
  CAF_CHECK(is_refused(said, "sightings has at most 1000"));
  said = good();
  said.chains.resize(max_told_sightings + 1, {{mark}});
  CAF_CHECK(is_refused(said, "chains has at most 1000"));
  said = good();
  said.certificates.resize(max_told_certificates + 1);
  CAF_CHECK(is_refused(said, "certificates has at most 64"));
  said = good();
  said.certificates = {std::string(2 * max_certificate_bytes, 'A')};
  CAF_CHECK(is_refused(said, "certificates: one has at most 16384 bytes"));
  said.certificates.assign(20, std::string(20'000, 'A'));
  CAF_CHECK(is_refused(said, "certificates: they have at most 262144 bytes"));
  // 64 of 4,096 bytes are just in bounds, though each is rounded up as base64.
  said.certificates.assign(64, std::string(5462, 'A'));
  CAF_CHECK_EQUAL(chains_problem(said), "");
  said.certificates[0] += 'A';
  said.certificates[1] += "AA";
  CAF_CHECK(is_refused(said, "certificates: they have at most"));
  said = good();
  said.chains[0].certificates.resize(max_sent_certificates + 1, mark);
  CAF_CHECK(is_refused(said, "chains.certificates has 1 to 10"));
}

CAF_TEST(a target that cannot be kept is told from others) {
  const auto sighting = good().sightings.at(0);
  CAF_CHECK(has_good_names(sighting));
  const auto changed = [&](std::string told_sighting::* field, std::string text) {
    auto one = sighting;
    one.*field = std::move(text);
    return has_good_names(one);
  };
  CAF_CHECK(!changed(&told_sighting::prober_type, ""));
  CAF_CHECK(!changed(&told_sighting::prober_type, "a b"));
  CAF_CHECK(!changed(&told_sighting::region, std::string(257, 'r')));
  CAF_CHECK(!changed(&told_sighting::region, "e\nu"));
  CAF_CHECK(!changed(&told_sighting::target, ""));
  CAF_CHECK(!changed(&told_sighting::target, "\xFF"));
  CAF_CHECK(!changed(&told_sighting::target, std::string(2049, 't')));
  CAF_CHECK(changed(&told_sighting::target, std::string(2048, 't')));
  CAF_CHECK(changed(&told_sighting::region, ""));
}

CAF_TEST(what is none is refused by its name) {
  for (const auto& wrong : {std::string(64, 'A'), std::string(63, 'a'), std::string(64, 'g')}) {
    auto said = good();
    said.chains[0].certificates = {wrong};
    CAF_CHECK(is_refused(said, "chains.certificates: a fingerprint"));
  }
  auto said = good();
  said.chains[0].certificates.clear();
  CAF_CHECK(is_refused(said, "chains.certificates has 1 to 10"));
  for (const auto number : {-2, 1}) {
    said = good();
    said.sightings[0].chain = number;
    CAF_CHECK(is_refused(said, "sightings.chain"));
  }
  said = good();
  said.sightings[0].verdict = "<b>";
  CAF_CHECK(is_refused(said, "sightings.verdict"));
}

} // namespace chains_suite
