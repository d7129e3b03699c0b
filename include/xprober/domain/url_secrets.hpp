#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

/// What somebody who was asked for `url` could repeat of it, in a text that is shown then, and what
/// `shown`, the name that people see, does not have: the password before the host, values of the
/// query, the parts of the path (a webhook's may be a secret), and path and query as they stand.
/// As written and percent-decoded; the longest first. Less than 4 bytes are no secret, nor less
/// than 8 as a part of a path.
std::vector<std::string> secrets_of_url(std::string_view url, std::string_view shown);

/// A text that somebody else wrote, with *** in the place of each of these.
std::string without_secrets(std::string text, const std::vector<std::string>& secrets);

} // namespace xprober
