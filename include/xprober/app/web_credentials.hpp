#pragma once

#include <cstddef>
#include <memory>

#include "xprober/domain/config.hpp"
#include "xprober/net/access_rules.hpp"
#include "xprober/net/secret_hash.hpp"

namespace boost::asio::ssl {
class context;
}

namespace xprober::app {

/// What the files of a section `web` hold.
struct web_credentials {
  std::shared_ptr<boost::asio::ssl::context> tls; ///< null without a certificate
  net::access_settings access;
  net::secret_hash hash{}; ///< of the files' contents: it differs where one of them does
};

/// Reads the files, and so blocks on the disk. `agents` is the section `rpc` beside it: an
/// authority that gives agents their certificates as they join makes no operators. Throws
/// net::setup_error, which names the key and the file.
web_credentials read_web_credentials(const web_config& files, const rpc_config& agents);

} // namespace xprober::app
