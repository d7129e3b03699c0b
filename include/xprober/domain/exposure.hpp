#pragma once

#include <string>
#include <string_view>

#include "xprober/domain/config.hpp"

namespace xprober {

/// What keeps a port from being everybody's.
struct port_protection {
  bool tls = false;
  bool credential = false; ///< a token or a certificate is asked for
};

/// Of the pages' port.
port_protection protection_of(const web_config& web);

/// Of the agents' port.
port_protection protection_of(const rpc_config& rpc);

/// Why an address, as a file has it, is not to be listened on unless `insecure` is true: other
/// machines reach it, and there is no TLS or no credential. `section` is the one whose keys mend
/// that, "web" or "rpc". Empty where nothing is wrong.
std::string exposure_problem(std::string_view address, std::string_view section,
                             const port_protection& has);

} // namespace xprober
