// What certificates say, as probes tell it: the input is a certificate in DER. Names in it may be
// anything.

#include <memory>

#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include "fuzz/support/fuzz.hpp"
#include "xprober/base/certificate_facts.hpp"
#include "xprober/domain/label_text.hpp"
#include "xprober/probes/stream/certificates.hpp"

namespace xprober::fuzz_tls_facts {

namespace {

using namespace fuzz;

template <class T, void (*Free)(T*)>
struct freed {
  void operator()(T* what) const noexcept { Free(what); }
};
using certificate_ptr = std::unique_ptr<X509, freed<X509, X509_free>>;
using store_ptr = std::unique_ptr<X509_STORE, freed<X509_STORE, X509_STORE_free>>;
using context_ptr = std::unique_ptr<X509_STORE_CTX, freed<X509_STORE_CTX, X509_STORE_CTX_free>>;
using chain_ptr = std::unique_ptr<STACK_OF(X509), void (*)(STACK_OF(X509)*)>;

constexpr std::size_t most_names = 21;

} // namespace

XPROBER_FUZZ(tls_facts) {
  static const store_ptr store{X509_STORE_new()};
  const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
  const certificate_ptr certificate{d2i_X509(nullptr, &at, static_cast<long>(bytes.size()))};
  if (!certificate) {
    return;
  }
  const chain_ptr chain{sk_X509_new_null(), [](STACK_OF(X509) * held) { sk_X509_free(held); }};
  sk_X509_push(chain.get(), certificate.get());
  const context_ptr context{X509_STORE_CTX_new()};
  if (X509_STORE_CTX_init(context.get(), store.get(), certificate.get(), chain.get()) != 1) {
    return;
  }
  tls_summary facts;
  stream::read_chain(context.get(), facts);
  require(is_clean_text(facts.subject) && is_clean_text(facts.issuer), "names are clean text");
  require(facts.subject.size() <= 1024 && facts.issuer.size() <= 1024, "names are short");
  require(facts.fingerprint_sha256.size() == 64, "a fingerprint has 64 digits");
  require(facts.dns_names.size() <= most_names, "only the first names are told");
  for (const auto& name : facts.dns_names) {
    require(is_clean_text(name) && name.size() <= 256, "a name is clean text, and short");
  }
  if (const auto told = read_certificate(bytes)) {
    require(told->fingerprint_sha256 == facts.fingerprint_sha256, "both have one fingerprint");
    require(told->subject == facts.subject && told->dns_names == facts.dns_names,
            "and say the same");
    require(told->key.size() <= 64 && is_clean_text(told->key), "a key is told briefly");
  }
  stream::read_accepted_chain(context.get(), facts);
  for (const int error : {X509_V_ERR_CERT_HAS_EXPIRED, X509_V_ERR_HOSTNAME_MISMATCH,
                          X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, X509_V_ERR_CERT_NOT_YET_VALID}) {
    X509_STORE_CTX_set_current_cert(context.get(), certificate.get());
    const auto text = stream::explain(context.get(), error);
    require(!text.empty() && text.size() < 4096 && is_clean_text(text), "a sentence is clean text");
    require(stream::reason_of(error) != probe_error::none, "an error has a name");
  }
}

} // namespace xprober::fuzz_tls_facts
