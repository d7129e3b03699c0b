#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>

#include "xprober/domain/sent_chain.hpp"

struct x509_store_ctx_st;

namespace xprober::stream {

/// The chains that the targets of one engine show, each once: a hundred thousand targets behind one
/// certificate share its bytes. A chain lives as long as a result has it. Of one thread.
class chain_shelf {
public:
  /// What was sent, as far as it is kept: see sent_chain.hpp. Null where nothing was.
  sent_chain_ptr take(x509_store_ctx_st* store);

  /// Chains that somebody has, and some of those that nobody has any more.
  std::size_t size() const noexcept { return chains_.size(); }

private:
  void sweep();

  std::map<std::string, std::weak_ptr<const sent_chain>> chains_; ///< by all fingerprints
  std::size_t sweep_at_ = 64;
};

} // namespace xprober::stream
