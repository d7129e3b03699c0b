#define CAF_SUITE certificate_maker

#include "xprober/base/certificate_maker.hpp"

#include <array>
#include <memory>
#include <string>

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "caf/test/unit_test.hpp"

namespace certificate_maker_suite {

using namespace xprober;

namespace {

using certificate_ptr = std::unique_ptr<X509, decltype(&X509_free)>;

certificate_ptr read(const made_certificate& made) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> memory{
      BIO_new_mem_buf(made.certificate.data(), static_cast<int>(made.certificate.size())),
      &BIO_free};
  return {PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr), &X509_free};
}

/// What OpenSSL says of a server's certificate where it trusts this authority alone.
int verified(X509* authority, X509* server) {
  const std::unique_ptr<X509_STORE, decltype(&X509_STORE_free)> store{X509_STORE_new(),
                                                                      &X509_STORE_free};
  X509_STORE_add_cert(store.get(), authority);
  const std::unique_ptr<X509_STORE_CTX, decltype(&X509_STORE_CTX_free)> context{
      X509_STORE_CTX_new(), &X509_STORE_CTX_free};
  X509_STORE_CTX_init(context.get(), store.get(), server, nullptr);
  X509_STORE_CTX_set_default(context.get(), "ssl_server");
  X509_verify_cert(context.get());
  return X509_STORE_CTX_get_error(context.get());
}

} // namespace

CAF_TEST(a servers certificate is of its authority and for its names) {
  const auto made = make_authority();
  const auto authority = read(made);
  CAF_REQUIRE(authority != nullptr);
  const auto issued =
      issue_server_certificate(made, {"server.example", "192.0.2.1", "2001:db8::1"});
  const auto server = read(issued);
  CAF_REQUIRE(server != nullptr);
  CAF_CHECK_EQUAL(verified(authority.get(), server.get()), X509_V_OK);
  CAF_CHECK_EQUAL(X509_check_host(server.get(), "server.example", 0, 0, nullptr), 1);
  CAF_CHECK_EQUAL(X509_check_host(server.get(), "other.example", 0, 0, nullptr), 0);
  CAF_CHECK_EQUAL(X509_check_ip_asc(server.get(), "192.0.2.1", 0), 1);
  CAF_CHECK_EQUAL(X509_check_ip_asc(server.get(), "2001:db8::1", 0), 1);
  CAF_CHECK(issued.key.starts_with("-----BEGIN PRIVATE KEY-----"));
}

CAF_TEST(another authority has not signed it) {
  const auto made = make_authority();
  const auto other = read(make_authority());
  const auto server = read(issue_server_certificate(made, {"server.example"}));
  CAF_CHECK(verified(other.get(), server.get()) != X509_V_OK);
}

CAF_TEST(an agent has a certificate for the key of its request) {
  const auto authority = make_authority();
  CAF_CHECK_EQUAL(authority_problem(authority), "");
  const auto request = make_certificate_request();
  const auto wish = read_certificate_request(request.certificate);
  CAF_CHECK_EQUAL(wish.problem, "");
  CAF_CHECK_EQUAL(wish.key.size(), std::size_t{32});
  CAF_MESSAGE("the same key can ask again");
  const auto again = make_certificate_request(request.key);
  CAF_REQUIRE(again.has_value());
  CAF_CHECK(read_certificate_request(again->certificate).key == wish.key);
  CAF_CHECK(!make_certificate_request("no key"));
  const auto issued =
      issue_agent_certificate(authority, request.certificate, "host-1", std::chrono::hours{1});
  const auto agent = read({issued, {}});
  CAF_REQUIRE(agent != nullptr);
  CAF_MESSAGE("it is a client's and no server's");
  const auto issuer = read(authority);
  CAF_CHECK_EQUAL(verified(issuer.get(), agent.get()), X509_V_ERR_INVALID_PURPOSE);
  std::array<char, 32> name{};
  X509_NAME_get_text_by_NID(X509_get_subject_name(agent.get()), NID_commonName, name.data(),
                            static_cast<int>(name.size()));
  CAF_CHECK(std::string{name.data()} == "host-1");
  const auto span = certificate_span_of(issued);
  CAF_REQUIRE(span.has_value());
  CAF_CHECK_EQUAL(span->until_unix - span->from_unix, 3600 + 900);
  CAF_CHECK(!certificate_span_of("nothing"));
  CAF_CHECK(!certificate_hash("nothing"));
}

CAF_TEST(of a text the first certificate counts and for its own key alone) {
  const auto authority = make_authority();
  const auto other = make_authority();
  const auto text = "a word before\n" + authority.certificate + other.certificate + other.key;
  CAF_CHECK(first_certificate(text) == authority.certificate);
  CAF_CHECK(!first_certificate("nothing"));
  CAF_CHECK(certificate_for_key(text, authority.key) == authority.certificate);
  CAF_CHECK(!certificate_for_key(text, other.key));
  CAF_CHECK(!certificate_for_key(text, "no key"));
  CAF_CHECK(!certificate_for_key("nothing", other.key));
}

CAF_TEST(what is no request for a key of ours is refused) {
  CAF_CHECK(!read_certificate_request("").problem.empty());
  CAF_CHECK(!read_certificate_request(make_authority().certificate).problem.empty());
  auto changed = make_certificate_request().certificate;
  const auto middle = changed.size() / 2;
  changed[middle] = changed[middle] == 'A' ? 'B' : 'A';
  CAF_CHECK(!read_certificate_request(changed).problem.empty());
}

CAF_TEST(an authority signs texts and knows its own) {
  const auto authority = make_authority();
  const auto signature = sign_text(authority, "a text");
  CAF_CHECK(has_signed(authority, "a text", signature));
  CAF_CHECK(!has_signed(authority, "a taxt", signature));
  CAF_CHECK(!has_signed(authority, "a text", signature + "x"));
  CAF_CHECK(!has_signed(authority, "a text", ""));
  const auto other = make_authority();
  CAF_CHECK(!has_signed(other, "a text", signature));
  CAF_CHECK(!authority_problem({authority.certificate, other.key}).empty());
  CAF_CHECK(!authority_problem(issue_server_certificate(authority, {"a.example"})).empty());
  CAF_CHECK(!authority_problem({"", ""}).empty());
}

} // namespace certificate_maker_suite
