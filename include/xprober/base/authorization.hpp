#pragma once

#include <string>
#include <string_view>

#include "xprober/domain/config.hpp"
#include "xprober/domain/read_text.hpp"

namespace xprober {

/// The value of the header Authorization (RFC 6750, RFC 7617) for a token's file or a user with a
/// password, read now; empty for neither. `section` stands in front of the keys that an error
/// names: "remote_write." for "remote_write.bearer_token_file: FILE: ...".
read_text read_authorization(std::string_view section, const std::string& bearer_token_file,
                             const basic_auth_config& basic);

/// The same for `USER:PASSWORD`.
std::string basic_authorization(std::string_view user_and_password);

} // namespace xprober
