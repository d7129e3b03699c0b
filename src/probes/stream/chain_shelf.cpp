#include "xprober/probes/stream/chain_shelf.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <openssl/x509_vfy.h>

#include "xprober/base/certificate_facts.hpp"

namespace xprober::stream {

namespace {

std::vector<const X509*> sent_by(x509_store_ctx_st* store) {
  std::vector<const X509*> all;
  const auto* own = X509_STORE_CTX_get0_cert(store);
  const auto* sent = X509_STORE_CTX_get0_untrusted(store);
  if (own != nullptr && (sk_X509_num(sent) < 1 || X509_cmp(sk_X509_value(sent, 0), own) != 0)) {
    all.push_back(own);
  }
  for (int i = 0; i < sk_X509_num(sent) && all.size() < max_sent_certificates; ++i) {
    all.push_back(sk_X509_value(sent, i));
  }
  return all;
}

} // namespace

sent_chain_ptr chain_shelf::take(x509_store_ctx_st* store) {
  const auto sent = sent_by(store);
  if (sent.empty()) {
    return nullptr;
  }
  sent_chain chain;
  std::string key;
  for (const auto* certificate : sent) {
    chain.fingerprints.push_back(fingerprint_of(certificate));
    key += chain.fingerprints.back();
  }
  auto& place = chains_[key];
  if (auto known = place.lock()) {
    return known;
  }
  std::size_t bytes = 0;
  for (const auto* certificate : sent) {
    auto der = der_of(certificate);
    bytes += der.size();
    if (der.empty() || der.size() > max_certificate_bytes || bytes > max_chain_bytes) {
      break;
    }
    chain.der.push_back(std::move(der));
  }
  chain.fingerprints.resize(chain.der.size());
  if (chain.der.empty()) {
    chains_.erase(key);
    return nullptr;
  }
  auto made = std::make_shared<const sent_chain>(std::move(chain));
  place = made;
  sweep();
  return made;
}

void chain_shelf::sweep() {
  if (chains_.size() < sweep_at_) {
    return;
  }
  std::erase_if(chains_, [](const auto& entry) { return entry.second.expired(); });
  sweep_at_ = std::max<std::size_t>(64, 2 * chains_.size());
}

} // namespace xprober::stream
