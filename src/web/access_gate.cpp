#include "xprober/web/access_gate.hpp"

#include <algorithm>
#include <iterator>

#include "xprober/domain/ascii.hpp"
#include "xprober/net/peer_key.hpp"
#include "xprober/web/error_page.hpp"
#include "xprober/web/sign_in_page.hpp"

namespace xprober::web {

namespace {

std::string_view view_of(boost::beast::string_view text) { return {text.data(), text.size()}; }

std::string_view header_of(const net::http_request& head, net::http::field name) {
  return view_of(head[name]);
}

} // namespace

access_gate::access_gate(const net::access_settings& settings) : rules_(settings) {}

void access_gate::use(const net::access_settings& settings) {
  const net::access_rules next{settings};
  for (const auto role : {net::access_role::reader, net::access_role::operating}) {
    if (!rules_.has_same_token(role, next)) {
      sessions_.end_all(role);
    }
  }
  rules_ = next;
}

void access_gate::name_cookie(std::uint16_t port) {
  cookie_name_ = "xprober_session_" + std::to_string(port);
}

bool access_gate::is_public(const net::http_request& head, const net::request_context& context,
                            bool sends) const {
  const bool looks =
      head.method() == net::http::verb::get || head.method() == net::http::verb::head;
  return looks && !sends && published_ && published_(context);
}

net::access_role access_gate::role_of(const net::http_request& head,
                                      const net::request_context& context) {
  const bool is_proxy = rules_.is_proxy(context.peer);
  const auto named = named_by_proxy(head, context.peer, is_proxy);
  const auto authorization = header_of(head, net::http::field::authorization);
  if (const auto token = net::bearer_token(authorization)) {
    const auto role = std::max(named, rules_.role_of_token(*token));
    if (role == net::access_role::nobody) {
      log_.warn(context.peer, "refused", "the token is wrong");
    }
    return role;
  }
  auto role = named;
  const auto cookie = cookie_value(header_of(head, net::http::field::cookie), cookie_name_);
  if (!cookie.empty()) {
    role = std::max(role, sessions_.find(cookie, monotonic_clock::now()));
  }
  const bool has_own_certificate = context.client_verified && !is_proxy;
  return has_own_certificate ? std::max(role, rules_.role_of_certificate()) : role;
}

/// What the header of an authenticating proxy says. Of anybody else it is ignored and counted.
net::access_role access_gate::named_by_proxy(const net::http_request& head, const std::string& peer,
                                             bool is_proxy) {
  const auto& name = rules_.proxy_header();
  const auto [first, end] = head.equal_range(boost::beast::string_view{name.data(), name.size()});
  if (first == end) {
    return net::access_role::nobody;
  }
  if (!is_proxy) {
    if (counters_) {
      ++counters_->foreign_users;
    }
    log_.warn(peer, "a user's name is ignored",
              "the header " + name + " is not of a proxy in web.proxy_networks");
    return net::access_role::nobody;
  }
  if (std::next(first) != end) {
    log_.warn(peer, "a user's name is ignored",
              "the proxy passes on the header " + name + " of its client; it has to replace it");
    return net::access_role::nobody;
  }
  return rules_.role_of_user(ascii::trim(view_of(first->value())));
}

void access_gate::identify(const net::http_request& head, net::request_context& context) {
  const bool is_proxy = rules_.is_proxy(context.peer);
  const auto& name = rules_.proxy_header();
  const auto [first, end] = head.equal_range(boost::beast::string_view{name.data(), name.size()});
  if (is_proxy && first != end && std::next(first) == end) {
    context.user = ascii::trim(view_of(first->value()));
  }
  if (!context.user.empty()) {
    context.asker = "user " + context.user;
    return;
  }
  auto role = net::access_role::nobody;
  if (const auto token = net::bearer_token(header_of(head, net::http::field::authorization))) {
    role = rules_.role_of_token(*token);
  } else if (const auto cookie =
                 cookie_value(header_of(head, net::http::field::cookie), cookie_name_);
             !cookie.empty()) {
    role = sessions_.find(cookie, monotonic_clock::now());
  }
  if (role != net::access_role::nobody) {
    context.asker = "token, " + std::string{net::to_string(role)};
  } else if (context.client_verified && !is_proxy) {
    context.asker = "certificate " + context.client_name;
  } else {
    context.asker = net::peer_name(context.peer);
  }
}

std::optional<net::http_response>
access_gate::judge(const net::http_request& head, const net::request_context& context, bool sends) {
  const auto need = net::need_of(head.method(), context.path, sends);
  if (rules_.is_open() || need == net::access_need::nothing || is_public(head, context, sends)) {
    return std::nullopt;
  }
  switch (net::judge_access(need, role_of(head, context))) {
  case net::access_verdict::allowed: return std::nullopt;
  case net::access_verdict::forbidden:
    return net::error_response(net::http::status::forbidden,
                               "this credential is for looking only: what changes or sends "
                               "something needs that of an operator (web.token_file)");
  case net::access_verdict::unknown: break;
  }
  return unknown(head);
}

net::http_response access_gate::unknown(const net::http_request& head) {
  const bool has_shown =
      net::bearer_token(header_of(head, net::http::field::authorization)).has_value();
  net::http_response answer;
  if (can_sign_in() && !has_shown && shows_pages(head)) {
    answer =
        net::text_response(net::http::status::unauthorized,
                           sign_in_page(view_of(head.target()), {}), "text/html; charset=utf-8");
    answer.set("Content-Security-Policy", sign_in_policy());
    // With no-referrer browsers would name no origin for the form, and it would be refused.
    answer.set("Referrer-Policy", "same-origin");
  } else {
    answer = net::error_response(
        net::http::status::unauthorized,
        has_shown ? "the token is not known here"
                  : std::string_view{"a credential is missing: a token as Authorization: Bearer "
                                     "(web.token_file, web.read_token_file), a client "
                                     "certificate where web.client_ca_file is set, or a user "
                                     "whom a proxy names (web.proxy_header)"});
  }
  answer.set(net::http::field::www_authenticate,
             has_shown ? "Bearer realm=\"xprober\", error=\"invalid_token\""
                       : "Bearer realm=\"xprober\"");
  return answer;
}

access_gate::signed_in access_gate::sign_in(std::string_view token,
                                            const net::request_context& context) {
  const auto now = monotonic_clock::now();
  const auto peer = net::peer_of(std::string_view{context.peer});
  signed_in result;
  if (!attempts_.may_try(peer, now, context.user)) {
    log_.warn(context.peer, "sign-in refused", "too many attempts have failed");
    result.too_often = true;
    return result;
  }
  result.role = rules_.role_of_token(ascii::trim(token));
  if (result.role == net::access_role::nobody) {
    attempts_.failed(peer, now, context.user);
    log_.warn(context.peer, "sign-in refused", "the token is wrong");
    return result;
  }
  result.cookie = cookie_name_ + "=" + sessions_.begin(result.role, now) +
                  "; Path=/; HttpOnly; SameSite=Strict; Max-Age=" +
                  std::to_string(std::chrono::seconds{net::sign_in_sessions::lasts}.count()) +
                  (context.secure ? "; Secure" : "");
  return result;
}

std::string access_gate::sign_out(const net::http_request& request) {
  const auto cookie = cookie_value(header_of(request, net::http::field::cookie), cookie_name_);
  if (!cookie.empty()) {
    sessions_.end(cookie);
  }
  return cookie_name_ + "=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0";
}

std::string_view cookie_value(std::string_view header, std::string_view name) noexcept {
  while (!header.empty()) {
    const auto end = std::min(header.find(';'), header.size());
    const auto pair = ascii::trim(header.substr(0, end));
    header.remove_prefix(std::min(end + 1, header.size()));
    const auto equals = pair.find('=');
    if (equals != pair.npos && pair.substr(0, equals) == name) {
      return pair.substr(equals + 1);
    }
  }
  return {};
}

} // namespace xprober::web
