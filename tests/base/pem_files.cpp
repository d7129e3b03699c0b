#define CAF_SUITE pem_files

#include "xprober/base/pem_files.hpp"

#include <filesystem>
#include <fstream>
#include <memory>

#include <openssl/ssl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/test_certs.hpp"

#include "caf/test/unit_test.hpp"

namespace pem_files_suite {

using namespace xprober;

namespace {

struct fixture {
  SSL_CTX* context() const { return made.get(); }
  std::string pipe() const {
    const auto place = certs.path("pipe");
    ::mkfifo(place.c_str(), 0600);
    return place;
  }

  test::test_certs certs;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> made{SSL_CTX_new(TLS_client_method()),
                                                         &SSL_CTX_free};
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(pem_files_tests, fixture)

CAF_TEST(right files are taken) {
  CAF_CHECK_EQUAL(trust_file(context(), certs.path("ca.pem")), "");
  CAF_CHECK_EQUAL(use_chain_file(context(), certs.path("server.pem")), "");
  CAF_CHECK_EQUAL(use_key_file(context(), certs.path("server.key")), "");
}

CAF_TEST(a file of authorities is checked without a context) {
  CAF_CHECK_EQUAL(check_trust_file(certs.path("ca.pem")), "");
  CAF_CHECK_EQUAL(check_trust_file(certs.path("server.key")), "holds no certificates in PEM form");
  CAF_CHECK_EQUAL(check_trust_file("/gone"), "cannot be read: No such file or directory");
}

CAF_TEST(an authority is known by its key and not by its file) {
  const auto ca = certs.path("ca.pem");
  const auto copy = certs.path("copy.pem");
  std::filesystem::copy_file(certs.path("other-ca.pem"), copy);
  CAF_CHECK(trusts_authority_of(ca, ca));
  CAF_CHECK(!trusts_authority_of(ca, copy));
  CAF_CHECK(trusts_authority_of(certs.path("other-ca.pem"), copy));
  // It has signed this one, which could sign others.
  CAF_CHECK(trusts_authority_of(ca, certs.path("server.pem")));
  CAF_CHECK(!trusts_authority_of(certs.path("server.pem"), ca));
  {
    std::ofstream all{copy, std::ios::app};
    all << std::ifstream{ca}.rdbuf();
  }
  CAF_CHECK(trusts_authority_of(copy, ca));
  CAF_CHECK(trusts_authority_of(ca, copy));
  CAF_CHECK(!trusts_authority_of(ca, "/gone"));
  CAF_CHECK(!trusts_authority_of(certs.path("server.key"), ca));
}

CAF_TEST(a pipe is refused at once) {
  const auto place = pipe();
  for (const auto load : {trust_file, use_chain_file, use_key_file}) {
    CAF_CHECK_EQUAL(load(context(), place), "is a pipe, not a regular file");
    CAF_CHECK_EQUAL(load(context(), "/gone"), "cannot be read: No such file or directory");
  }
}

CAF_TEST(what holds something else is refused) {
  CAF_CHECK_EQUAL(trust_file(context(), certs.path("server.key")),
                  "holds no certificates in PEM form");
  CAF_CHECK(use_chain_file(context(), certs.path("server.key"))
                .starts_with("holds no certificate chain in PEM form ("));
  CAF_CHECK_EQUAL(use_chain_file(context(), certs.path("server.pem")), "");
  CAF_CHECK_EQUAL(use_key_file(context(), certs.path("client.key")),
                  "holds no usable private key in PEM form (key values mismatch)");
}

CAF_TEST(an encrypted key asks nobody) {
  CAF_REQUIRE_EQUAL(use_chain_file(context(), certs.path("server.pem")), "");
  std::unique_ptr<FILE, decltype(&fclose)> in{fopen(certs.path("server.key").c_str(), "r"),
                                              &fclose};
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key{
      PEM_read_PrivateKey(in.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free};
  const auto place = certs.path("encrypted.key");
  {
    std::unique_ptr<FILE, decltype(&fclose)> out{fopen(place.c_str(), "w"), &fclose};
    unsigned char phrase[] = "phrase";
    CAF_REQUIRE_EQUAL(
        PEM_write_PrivateKey(out.get(), key.get(), EVP_aes_128_cbc(), phrase, 6, nullptr, nullptr),
        1);
  }
  CAF_CHECK_EQUAL(use_key_file(context(), place),
                  "the key is encrypted; give one without a pass phrase");
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace pem_files_suite
