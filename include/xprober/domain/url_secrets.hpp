#pragma once

#include <optional>
#include <string>
#include <string_view>

// What of a URL is nobody's to see: the user before its host, and values in its query. Whatever
// shows a URL (logs, pages, metrics, the API, messages) shows what is made of it here or in
// `take_user`.

namespace xprober {

/// False where `take_user` takes nothing of an address: a quick look before it.
constexpr bool may_hold_secret(std::string_view address) noexcept {
  return address.find_first_of("@?") != std::string_view::npos;
}

/// True for a name of a parameter whose value is a secret, in any case and with '-', '_' and '.'
/// left out: token, password, passwd, pwd, pass, secret, key, apikey, accesskey, secretkey,
/// signature, sig, auth, authorization, bearer, credential(s), session, sessionid, sid, jwt, and
/// what ends with token, password, passwd, secret, apikey, accesskey, secretkey, signature or
/// credential(s), as X-Amz-Signature does.
bool is_secret_parameter(std::string_view name);

/// Puts *** in the place of such values that are not empty. Gives the whole query as it was
/// written, without its '?', or nothing where nothing was hidden.
std::optional<std::string> hide_query_secrets(std::string& url);

/// A URL, which may lack its scheme, without its user and with such values hidden.
std::string shown_url(std::string_view url);

} // namespace xprober
