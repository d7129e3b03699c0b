#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "xprober/domain/port_counters.hpp"
#include "xprober/net/access_rules.hpp"
#include "xprober/net/attempt_limit.hpp"
#include "xprober/net/peer_log.hpp"
#include "xprober/net/sign_in_sessions.hpp"

namespace xprober::web {

/// Lets in who shows a credential: a token in `Authorization: Bearer`, the cookie of a session that
/// began with one, or a client certificate; and whom a proxy that is believed names in its header.
/// A token in the header counts alone, beside what such a proxy says: that passes on tokens which
/// are for others. A certificate that a proxy shows is its own and lets nobody in. Of one thread.
class access_gate {
public:
  explicit access_gate(const net::access_settings& settings);

  /// From now on these are the credentials. Sessions that began with a token that is none any more
  /// end.
  void use(const net::access_settings& settings);

  /// Where headers of no proxy are counted. Null: nowhere.
  void count_in(std::shared_ptr<port_counters> counters) { counters_ = std::move(counters); }

  /// From now on everybody may look at what this is true for; nothing to begin with.
  void publish(std::function<bool(const net::request_context&)> is_public) {
    published_ = std::move(is_public);
  }

  /// Names the cookie after the port: browsers keep cookies of all ports of a host together.
  void name_cookie(std::uint16_t port);

  /// The answer to a request that is not let in: 401 for who is not known (for a browser that shows
  /// a page: the page to sign in on), 403 for a reader who wants an operator's. `context` has the
  /// path; `sends`: a GET of it sends something.
  std::optional<net::http_response> judge(const net::http_request& head,
                                          const net::request_context& context, bool sends);

  /// Says in `context` who asks: its `user` and its `asker`.
  void identify(const net::http_request& head, net::request_context& context);

  /// What signing in with a token has come to.
  struct signed_in {
    net::access_role role = net::access_role::nobody; ///< `nobody`: it has not
    std::string cookie;                               ///< the value of Set-Cookie
    bool too_often = false; ///< this user or peer has to wait, a minute at most
  };

  /// Begins a session where the token is known; `context` says who asks. Throws what
  /// `sign_in_sessions::begin` throws.
  signed_in sign_in(std::string_view token, const net::request_context& context);

  /// Ends the session of a request; the value of the Set-Cookie that has a browser forget it.
  std::string sign_out(const net::http_request& request);

  /// True where there is a token to sign in with.
  bool can_sign_in() const noexcept { return rules_.has_tokens(); }

private:
  bool is_public(const net::http_request& head, const net::request_context& context,
                 bool sends) const;
  net::access_role role_of(const net::http_request& head, const net::request_context& context);
  net::access_role named_by_proxy(const net::http_request& head, const std::string& peer,
                                  bool is_proxy);
  net::http_response unknown(const net::http_request& head);

  net::access_rules rules_;
  std::function<bool(const net::request_context&)> published_;
  net::sign_in_sessions sessions_;
  net::attempt_limit attempts_;
  net::peer_log log_{"web"};
  std::shared_ptr<port_counters> counters_; ///< may be null
  std::string cookie_name_ = "xprober_session";
};

/// The value of a cookie in a header Cookie (RFC 6265, 5.4); empty where it is not there.
std::string_view cookie_value(std::string_view header, std::string_view name) noexcept;

} // namespace xprober::web
