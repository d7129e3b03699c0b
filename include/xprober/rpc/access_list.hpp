#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/domain/agent_grant.hpp"
#include "xprober/domain/config.hpp"
#include "xprober/net/secret_hash.hpp"

namespace xprober::rpc {

using grant_ptr = std::shared_ptr<const agent_grant>;

/// `access` of the server's file: for whom the holders of credentials may speak.
class access_list {
public:
  access_list() = default;
  /// Reads the files of tokens. Throws net::setup_error, which names the key and the file, also for
  /// a token that two entries have.
  explicit access_list(const std::vector<access_entry>& entries);

  bool empty() const noexcept { return tokens_.empty() && certificates_.empty(); }

  /// Whom a caller may speak for who shows an Authorization header and, where it was verified, the
  /// certificate of this name (else empty). Null: he is not in the list. A token goes before a
  /// certificate.
  grant_ptr find(std::string_view authorization, std::string_view certificate) const;

private:
  struct token_entry {
    net::secret_hash token;
    grant_ptr grant;
  };
  struct certificate_entry {
    std::string name;
    grant_ptr grant;
  };

  std::vector<token_entry> tokens_;
  std::vector<certificate_entry> certificates_;
};

} // namespace xprober::rpc
