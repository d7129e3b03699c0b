#define CAF_SUITE chain_shelf

#include "xprober/probes/stream/chain_shelf.hpp"

#include <memory>
#include <string>
#include <vector>

#include <openssl/pem.h>
#include <openssl/x509_vfy.h>

#include "xprober/base/certificate_maker.hpp"

#include "caf/test/unit_test.hpp"

namespace chain_shelf_suite {

using namespace xprober;

namespace {

using certificate_ptr = std::unique_ptr<X509, decltype(&X509_free)>;

certificate_ptr read(const std::string& pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> memory{
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free};
  return {PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr), &X509_free};
}

sent_chain_ptr put(stream::chain_shelf& shelf, X509* own) {
  const std::unique_ptr<X509_STORE, decltype(&X509_STORE_free)> store{X509_STORE_new(),
                                                                      &X509_STORE_free};
  const std::unique_ptr<X509_STORE_CTX, decltype(&X509_STORE_CTX_free)> context{
      X509_STORE_CTX_new(), &X509_STORE_CTX_free};
  CAF_REQUIRE(X509_STORE_CTX_init(context.get(), store.get(), own, nullptr) == 1);
  return shelf.take(context.get());
}

} // namespace

CAF_TEST(a certificate that is too large is not kept and takes no place) {
  const auto authority = make_authority();
  std::vector<std::string> names;
  for (int i = 0; i < 600; ++i) {
    names.push_back(std::string(40, 'a') + "-" + std::to_string(i) + ".test");
  }
  stream::chain_shelf shelf;
  const auto large = read(issue_server_certificate(authority, names).certificate);
  CAF_REQUIRE(large);
  CAF_CHECK(put(shelf, large.get()) == nullptr);
  CAF_CHECK_EQUAL(shelf.size(), 0U);
  const auto small = read(issue_server_certificate(authority, {"shop.test"}).certificate);
  CAF_REQUIRE(small);
  const auto chain = put(shelf, small.get());
  CAF_REQUIRE(chain);
  CAF_CHECK(put(shelf, small.get()) == chain);
  CAF_CHECK_EQUAL(shelf.size(), 1U);
}

} // namespace chain_shelf_suite
