#include "xprober/web/incident_routes.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "xprober/bridge/ask.hpp"
#include "xprober/web/common_routes.hpp"
#include "xprober/web/incident_requests.hpp"
#include "xprober/web/incidents_json.hpp"
#include "xprober/web/time_values.hpp"

namespace xprober::web {

namespace {

namespace asio = boost::asio;
namespace http = net::http;
using response = net::http_response;
using incident_handles_ptr = std::shared_ptr<const incident_handles>;

/// A body that was read, or what is answered to it.
struct read_body {
  std::optional<json> object;
  response problem;
};

read_body body_of(const net::http_request& request) {
  read_body out;
  out.object = read_json_body(request, out.problem);
  return out;
}

response not_found(std::string_view problem) {
  return net::error_response(http::status::not_found, problem);
}

response no_incident(const std::string& id) { return not_found("there is no incident " + id); }

/// Ids are from 1 on; nothing for what is none.
std::optional<std::uint64_t> id_of(const net::request_context& context) {
  const auto id = parse_whole(context.param("id"));
  return id && *id > 0 ? std::optional{static_cast<std::uint64_t>(*id)} : std::nullopt;
}

asio::awaitable<caf::expected<mute_list>> ask_mutes(incident_handles_ptr h) {
  co_return co_await bridge::query<mute_list>(h->gateway, h->incidents, h->patience,
                                              get_mutes_atom_v);
}

asio::awaitable<caf::expected<incident_ptr>> ask_incident(incident_handles_ptr h,
                                                          std::uint64_t id) {
  const incident_by_id question{id};
  co_return co_await bridge::query<incident_ptr>(h->gateway, h->incidents, h->patience, question);
}

/// One incident as an answer.
asio::awaitable<response> tell_incident(incident_handles_ptr h, incident_ptr what) {
  const auto mutes = co_await ask_mutes(h);
  if (!mutes) {
    co_return unavailable("incidents", mutes.error());
  }
  co_return net::json_response(http::status::ok, incident_json(*what, **mutes, wall_clock::now()));
}

asio::awaitable<response> list_incidents(incident_handles_ptr h, net::request_context context) {
  std::string problem;
  auto query = read_incident_query(context.query, to_unix_seconds(wall_clock::now()), problem);
  if (!query) {
    co_return bad_request(problem);
  }
  const incident_request question{std::move(*query)};
  const auto page =
      co_await bridge::query<incident_answer>(h->gateway, h->incidents, h->patience, question);
  if (!page) {
    co_return unavailable("incidents", page.error());
  }
  const auto mutes = co_await ask_mutes(h);
  if (!mutes) {
    co_return unavailable("incidents", mutes.error());
  }
  auto make = [page = *page, mutes = *mutes] {
    return incidents_json(*page, *mutes, wall_clock::now());
  };
  co_return co_await json_apart(h->work, std::move(make));
}

asio::awaitable<response> show_incident(incident_handles_ptr h, net::request_context context) {
  if (const auto problem = unknown_parameter(context.query, {})) {
    co_return bad_request(*problem);
  }
  const auto id = id_of(context);
  if (!id) {
    co_return no_incident(context.param("id"));
  }
  const auto found = co_await ask_incident(h, *id);
  if (!found) {
    co_return unavailable("incidents", found.error());
  }
  if (!*found) {
    co_return no_incident(context.param("id"));
  }
  co_return co_await tell_incident(h, *found);
}

asio::awaitable<response> acknowledge(incident_handles_ptr h, net::request_context context,
                                      read_body body) {
  if (!body.object) {
    co_return std::move(body.problem);
  }
  std::string problem;
  auto by = read_acknowledgement(*body.object, wall_clock::now(), problem);
  if (!by) {
    co_return bad_request(problem);
  }
  const auto id = id_of(context);
  if (!id) {
    co_return no_incident(context.param("id"));
  }
  const auto found = co_await ask_incident(h, *id);
  if (!found) {
    co_return unavailable("incidents", found.error());
  }
  if (!*found) {
    co_return no_incident(context.param("id"));
  }
  const acknowledge_incident question{*id, std::move(*by)};
  const auto done =
      co_await bridge::ask<incident_ptr>(h->gateway, h->incidents, h->patience, question);
  if (!done) {
    co_return unavailable("incidents", done.error());
  }
  if (!*done) {
    co_return net::error_response(http::status::conflict, "incident " + context.param("id") +
                                                              " is closed: there is nothing to "
                                                              "look after any more");
  }
  co_return co_await tell_incident(h, *done);
}

asio::awaitable<response> list_mutes(incident_handles_ptr h, net::request_context context) {
  if (const auto problem = unknown_parameter(context.query, {})) {
    co_return bad_request(*problem);
  }
  const auto mutes = co_await ask_mutes(h);
  if (!mutes) {
    co_return unavailable("incidents", mutes.error());
  }
  auto make = [mutes = *mutes] { return mutes_json(*mutes, wall_clock::now()); };
  co_return co_await json_apart(h->work, std::move(make));
}

asio::awaitable<response> make_mute(incident_handles_ptr h, read_body body) {
  if (!body.object) {
    co_return std::move(body.problem);
  }
  std::string problem;
  auto fresh = read_mute(*body.object, wall_clock::now(), problem);
  if (!fresh) {
    co_return bad_request(problem);
  }
  const add_mute question{*fresh};
  const auto added =
      co_await bridge::ask<mute_added>(h->gateway, h->incidents, h->patience, question);
  if (!added) {
    co_return unavailable("incidents", added.error());
  }
  if (added->id == 0) {
    co_return net::error_response(http::status::conflict,
                                  "there are too many mutes: remove some, or make one with a "
                                  "matcher that fits more");
  }
  fresh->id = added->id;
  co_return net::json_response(http::status::created, mute_json(*fresh, wall_clock::now()));
}

asio::awaitable<response> drop_mute(incident_handles_ptr h, net::request_context context) {
  const auto none = "there is no mute " + context.param("id");
  const auto id = id_of(context);
  if (!id) {
    co_return not_found(none);
  }
  const remove_mute question{*id};
  const auto removed = co_await bridge::ask<bool>(h->gateway, h->incidents, h->patience, question);
  if (!removed) {
    co_return unavailable("incidents", removed.error());
  }
  if (!*removed) {
    co_return not_found(none);
  }
  co_return net::text_response(http::status::no_content, "");
}

asio::awaitable<response> without_incidents() {
  co_return not_found("this server keeps no incidents and no mutes");
}

/// `handler`, or where there are no incidents what is said then.
net::http_handler guarded(const incident_handles_ptr& h, net::http_handler handler) {
  if (h->incidents) {
    return handler;
  }
  return uncached([](const auto&, const auto&) { return without_incidents(); });
}

} // namespace

void add_incident_routes(net::router& routes, incident_handles handles) {
  const auto h = std::make_shared<const incident_handles>(std::move(handles));
  const auto add = [&](http::verb method, std::string_view pattern, net::http_handler handler) {
    routes.add(method, pattern, guarded(h, uncached(std::move(handler))));
  };
  // A thousand of them are a megabyte, and pages ask again and again.
  common_handles apart;
  apart.work = h->work;
  routes.get("/api/v1/incidents",
             guarded(h, condensed(apart, [h](const auto&, net::request_context context) {
                       return list_incidents(h, std::move(context));
                     })));
  add(http::verb::get, "/api/v1/incidents/{id}", [h](const auto&, net::request_context context) {
    return show_incident(h, std::move(context));
  });
  add(http::verb::post, "/api/v1/incidents/{id}/acknowledge",
      [h](const net::http_request& request, net::request_context context) {
        return acknowledge(h, std::move(context), body_of(request));
      });
  add(http::verb::get, "/api/v1/mutes",
      [h](const auto&, net::request_context context) { return list_mutes(h, std::move(context)); });
  add(http::verb::post, "/api/v1/mutes",
      [h](const net::http_request& request, const net::request_context&) {
        return make_mute(h, body_of(request));
      });
  add(http::verb::delete_, "/api/v1/mutes/{id}",
      [h](const auto&, net::request_context context) { return drop_mute(h, std::move(context)); });
}

} // namespace xprober::web
