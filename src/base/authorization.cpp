#include "xprober/base/authorization.hpp"

#include "xprober/base/read_file.hpp"
#include "xprober/domain/base64.hpp"

namespace xprober {

read_text read_authorization(std::string_view section, const std::string& bearer_token_file,
                             const basic_auth_config& basic) {
  const auto key = [&](std::string_view name) { return std::string{section}.append(name); };
  if (!bearer_token_file.empty()) {
    auto token = read_secret_file(key("bearer_token_file"), bearer_token_file);
    return token.ok() ? read_text{"Bearer " + token.text, {}} : token;
  }
  if (basic == basic_auth_config{}) {
    return {};
  }
  auto password = basic.password_file.empty()
                      ? read_text{basic.password, {}}
                      : read_secret_file(key("basic_auth.password_file"), basic.password_file);
  return password.ok() ? read_text{basic_authorization(basic.username + ":" + password.text), {}}
                       : password;
}

std::string basic_authorization(std::string_view user_and_password) {
  return "Basic " + base64(user_and_password);
}

} // namespace xprober
