#define CAF_SUITE tls

#include "xprober/probes/stream/tls.hpp"

#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>

#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include "probes/stream/certificates.hpp"

#include "caf/test/unit_test.hpp"

namespace tls_suite {

using namespace xprober;
using namespace xprober::stream;
using namespace xprober::stream::test;

namespace {

struct fixture {
  ~fixture() {
    for (const auto* name : {"SSL_CERT_FILE", "SSL_CERT_DIR"}) {
      ::unsetenv(name);
    }
  }

  /// How many certificates sessions of a context trust.
  int trusted(const tls_context& context) {
    const auto session = context.new_session({"named.test", false}, report);
    if (!session) {
      return -1;
    }
    const auto* store = SSL_CTX_get_cert_store(SSL_get_SSL_CTX(session.get()));
    return sk_X509_OBJECT_num(X509_STORE_get0_objects(store));
  }

  tls_report report;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(tls_tests, fixture)

CAF_TEST(no trust store is read where nothing is verified) {
  tls_options options;
  options.insecure_skip_verify = true;
  CAF_CHECK_EQUAL(trusted(tls_context{options}), 0);
}

CAF_TEST(the system store is read when a context is needed and not before) {
  const tls_context context{tls_options{}};
  CAF_CHECK(!context.is_made());
  const pem_file authority{
      make_identity("authority", {.alternative_names = {}, .authority = true})};
  ::setenv("SSL_CERT_FILE", authority.path().c_str(), 1);
  ::setenv("SSL_CERT_DIR", "/nonexistent", 1);
  CAF_CHECK_EQUAL(trusted(context), 1);
  CAF_CHECK(context.is_made());
}

CAF_TEST(a context can be made on another thread than its sessions) {
  ::setenv("SSL_CERT_FILE", "/nonexistent", 1);
  ::setenv("SSL_CERT_DIR", "/nonexistent", 1);
  const tls_context context{tls_options{}};
  std::thread{[&] { context.make(); }}.join();
  CAF_CHECK(context.is_made());
  CAF_CHECK_EQUAL(trusted(context), 0);
}

CAF_TEST(what is wrong with a file is said before it is needed) {
  tls_options options;
  options.section = "http";
  options.ca_file = "/nonexistent";
  std::string problem;
  try {
    const tls_context context{options};
  } catch (const std::runtime_error& wrong) {
    problem = wrong.what();
  }
  CAF_CHECK(problem.starts_with("http.ca_file: /nonexistent: "));
}

CAF_TEST(a context with files is made at once) {
  const pem_file authority{
      make_identity("authority", {.alternative_names = {}, .authority = true})};
  tls_options options;
  options.ca_file = authority.path();
  const tls_context context{options};
  CAF_CHECK(context.is_made());
  CAF_CHECK_EQUAL(trusted(context), 1);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace tls_suite
