#include "xprober/web/question_routes.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "xprober/base/log.hpp"
#include "xprober/bridge/ask.hpp"
#include "xprober/domain/label_text.hpp"
#include "xprober/domain/time_text.hpp"
#include "xprober/web/common_routes.hpp"
#include "xprober/web/incident_requests.hpp"
#include "xprober/web/stored_json.hpp"
#include "xprober/web/target_parameters.hpp"

namespace xprober::web {

namespace {

namespace asio = boost::asio;
namespace http = net::http;
using response = net::http_response;
using question_handles_ptr = std::shared_ptr<const question_handles>;

constexpr std::size_t longest_target = 4096;
constexpr std::size_t longest_part = 256;
/// Of an agent that does not say how often it asks.
constexpr milliseconds usual_sync{5000};

/// What a person wants to know, and of whom.
struct asked_of_agent {
  std::optional<std::uint64_t> uid;
  std::string target; ///< instead of the uid, with its type
  std::string probe_type;
  std::string module;
  std::string region; ///< of the agent
  std::string local_ip;
};

/// Whoever is asked, or why nobody is.
struct found_agent {
  std::optional<agent_line> line;
  std::string problem{};
  http::status status = http::status::conflict;
};

/// The rows of one target, or what is answered where it is not known.
struct found_target {
  store_view page;
  std::optional<response> problem{};
};

std::optional<asked_of_agent> read_asked(const json& body, std::string& problem) {
  asked_of_agent out;
  std::string uid;
  const bool read =
      only_keys(body, {"uid", "target", "probe_type", "module", "region", "local_ip"}, problem) &&
      read_text_key(body, "uid", longest_part, false, uid, problem) &&
      read_text_key(body, "target", longest_target, false, out.target, problem) &&
      read_text_key(body, "probe_type", longest_part, false, out.probe_type, problem) &&
      read_text_key(body, "module", longest_part, false, out.module, problem) &&
      read_text_key(body, "region", longest_part, true, out.region, problem) &&
      read_text_key(body, "local_ip", longest_part, false, out.local_ip, problem);
  if (!read || !problem.empty()) {
    return std::nullopt;
  }
  if (uid.empty() == (out.target.empty() || out.probe_type.empty())) {
    problem = "say which target: either its uid, or target and probe_type as they are listed";
    return std::nullopt;
  }
  out.uid = parse_uid_text(uid);
  if (!uid.empty() && !out.uid) {
    problem = "a target's uid has 16 hexadecimal digits, as targets are listed with";
    return std::nullopt;
  }
  return out;
}

asio::awaitable<caf::expected<agent_listing>> listed_agents(question_handles_ptr h) {
  co_return co_await bridge::query<agent_listing>(h->gateway, h->registry, h->patience,
                                                  get_agents_atom_v);
}

asio::awaitable<found_target> find_target(question_handles_ptr h, asked_of_agent asked,
                                          lost_agents lost) {
  const auto question = std::make_shared<target_question>();
  question->lost = std::move(lost);
  question->terms.uid = asked.uid;
  if (!asked.uid) {
    question->terms.target = asked.target;
  }
  question->limit = max_target_page;
  const store_query wanted{false, question};
  auto found = co_await bridge::query<store_view>(h->gateway, h->store, h->patience, wanted);
  found_target out;
  if (!found) {
    out.problem = unavailable("store", found.error());
    co_return out;
  }
  auto own = std::make_shared<store_snapshot>(**found);
  if (!asked.uid) {
    std::erase_if(own->targets, [&asked](const stored_target& row) {
      return row.target.type.text() != asked.probe_type;
    });
  }
  if (own->targets.empty()) {
    out.problem = net::error_response(http::status::not_found,
                                      "this server has no such target; /api/v1/targets lists them");
  } else if (std::ranges::any_of(own->targets, [&own](const stored_target& row) {
               return row.target != own->targets.front().target;
             })) {
    out.problem = net::error_response(
        http::status::conflict,
        "targets of several regions have this address and probe_type: name the one by its uid");
  }
  out.page = std::move(own);
  co_return out;
}

std::string name_of_agent(const agent_identity& agent) {
  return agent.region + " " + agent.local_ip;
}

/// Why an agent cannot be asked; empty: it can.
std::string why_not_asked(const agent_line& line) {
  const auto name = "the agent " + name_of_agent(line.agent);
  if (line.state == agent_state::lost || line.state == agent_state::left) {
    return name + " cannot be asked: it " +
           (line.state == agent_state::lost ? "is lost" : "has left") + ", and was seen last at " +
           rfc3339(line.last_seen_unix);
  }
  if (!line.answers_questions) {
    return name + " cannot be asked: its program" +
           (line.version.empty() ? std::string{} : " (" + line.version + ")") +
           " is too old for it. Update it";
  }
  return {};
}

/// One of a region that can be asked, and probes the target if there is such a one.
found_agent choose_agent(const agent_listing& listing, const asked_of_agent& asked,
                         const store_snapshot& rows) {
  found_agent out;
  int best = -1;
  for (const auto& line : listing.agents) {
    if (line.agent.region != asked.region ||
        (!asked.local_ip.empty() && line.agent.local_ip != asked.local_ip)) {
      continue;
    }
    auto why = why_not_asked(line);
    const bool probes_it = std::ranges::any_of(rows.targets, [&line](const stored_target& row) {
      return row.source_region == line.agent.region && row.agent == line.agent.local_ip;
    });
    const int rank = (why.empty() ? 2 : 0) + (probes_it ? 1 : 0);
    if (rank > best) {
      best = rank;
      out.line = line;
      out.problem = std::move(why);
    }
  }
  if (!out.line) {
    out.status = http::status::not_found;
    out.problem = "there is no agent " + shown_text(asked.region) +
                  (asked.local_ip.empty() ? "" : " " + shown_text(asked.local_ip)) +
                  "; /api/v1/agents lists them";
  }
  return out;
}

/// What came of a question: a JSON object, or a status and a sentence.
struct told_by_agent {
  std::string body{}; ///< empty: it was not answered
  std::string problem{};
  http::status status = http::status::ok;
};

told_by_agent judge_answer(const agent_answer& answer, const std::string& agent) {
  if (answer.end == question_end::too_many) {
    return {{}, answer.problem, http::status::too_many_requests};
  }
  if (answer.end == question_end::refused) {
    return {{}, "the agent " + agent + " says: " + answer.problem, http::status::conflict};
  }
  // It is shown as it is, without being taken apart: how deep it is does not matter.
  const auto begin = answer.body.find_first_not_of(" \n");
  if (begin == std::string::npos || answer.body[begin] != '{' || !json::accept(answer.body)) {
    return {{},
            "the agent " + agent + " has answered with something that is not a JSON object",
            http::status::bad_gateway};
  }
  return {answer.body.substr(0, answer.body.find_last_not_of(" \n") + 1), {}, http::status::ok};
}

asio::awaitable<told_by_agent> put_question(question_handles_ptr h, agent_line line,
                                            agent_question question, milliseconds probe_time,
                                            std::string asker) {
  if (!h->pool) {
    co_return told_by_agent{{}, "this server asks no agents", http::status::not_found};
  }
  const auto sync = line.sync_interval_ms == 0
                        ? usual_sync
                        : milliseconds{std::min<std::uint64_t>(line.sync_interval_ms, 60'000)};
  const auto wait = sync + probe_time + h->patience;
  const ask_agent order{line.agent, std::move(question), wait, std::move(asker)};
  const auto answer = co_await bridge::ask<agent_answer>(h->gateway, h->pool, wait, order);
  const auto name = name_of_agent(line.agent);
  if (!answer) {
    co_return told_by_agent{{},
                            "the agent " + name + " did not answer within " +
                                std::to_string(wait.count() / 1000) +
                                " s: it was to hear the question when it next asked for its "
                                "targets, which it does every " +
                                std::to_string(sync.count()) + " ms",
                            http::status::gateway_timeout};
  }
  co_return judge_answer(*answer, name);
}

agent_question question_of(const target_uid& target, std::string_view what) {
  agent_question question;
  question.what = what;
  question.uid = uid_text(target);
  question.prober_type = target.type.text();
  question.region = target.region;
  question.target = target.address;
  return question;
}

/// Puts a text that is JSON behind the last key of an object.
std::string with_raw(const json& object, std::string_view key, std::string_view raw) {
  auto text = json_text(object);
  text.resize(text.rfind('}'));
  return text + (text.size() > 1 ? "," : "") + net::json_quote(key) + ":" + std::string{raw} +
         "}\n";
}

json answer_head(const target_uid& target, const std::optional<agent_line>& line) {
  json out = json::object();
  out["uid"] = uid_text(target);
  out["target"] = target.address;
  out["region"] = target.region;
  out["probe_type"] = to_string(target.type);
  out["agent"] = nullptr;
  if (line) {
    out["agent"] = {{"region", line->agent.region},
                    {"local_ip", line->agent.local_ip},
                    {"state", to_string(line->state)},
                    {"last_seen_unix", line->last_seen_unix}};
  }
  return out;
}

asio::awaitable<response> probe_now(question_handles_ptr h, net::request_context context,
                                    std::optional<json> body, response problem) {
  if (!body) {
    co_return std::move(problem);
  }
  std::string wrong;
  const auto asked = read_asked(*body, wrong);
  if (!asked) {
    co_return bad_request(wrong);
  }
  const auto listing = co_await listed_agents(h);
  if (!listing) {
    co_return unavailable("registry", listing.error());
  }
  auto found = co_await find_target(h, *asked, lost_of(*listing));
  if (found.problem) {
    co_return std::move(*found.problem);
  }
  const auto agent = choose_agent(*listing, *asked, *found.page);
  if (!agent.problem.empty()) {
    co_return net::error_response(agent.status, agent.problem);
  }
  const auto target = found.page->targets.front().target;
  log::info("web", "a probe was asked for",
            {{"type", to_string(target.type)},
             {"target", target.address},
             {"module", asked->module},
             {"agent", name_of_agent(agent.line->agent)},
             {"peer", context.peer},
             {"certificate", context.client_name},
             {"user", context.user}});
  auto question = question_of(target, question_kinds::probe);
  question.module = asked->module;
  question.time_limit_ms = milliseconds{longest_asked_probe}.count();
  const auto told = co_await put_question(h, *agent.line, std::move(question), longest_asked_probe,
                                          std::move(context.asker));
  if (told.body.empty()) {
    co_return net::error_response(told.status, told.problem);
  }
  co_return net::json_response(http::status::ok,
                               with_raw(answer_head(target, agent.line), "answer", told.body));
}

asio::awaitable<response> tell_story(question_handles_ptr h, net::request_context context) {
  if (const auto wrong = unknown_parameter(context.query, {"region", "local_ip"})) {
    co_return bad_request(*wrong);
  }
  asked_of_agent asked;
  asked.uid = parse_uid_text(context.param("uid"));
  asked.region = context.query.get_or("region", "");
  asked.local_ip = context.query.get_or("local_ip", "");
  if (!asked.uid || asked.region.empty()) {
    co_return bad_request(asked.uid ? "region is missing: name that of the agent"
                                    : "a target's uid has 16 hexadecimal digits, as targets are "
                                      "listed with");
  }
  const auto listing = co_await listed_agents(h);
  if (!listing) {
    co_return unavailable("registry", listing.error());
  }
  auto found = co_await find_target(h, asked, lost_of(*listing));
  if (found.problem) {
    co_return std::move(*found.problem);
  }
  const auto agent = choose_agent(*listing, asked, *found.page);
  if (!agent.line) {
    co_return net::error_response(agent.status, agent.problem);
  }
  const auto target = found.page->targets.front().target;
  auto out = answer_head(target, agent.line);
  out["source"] = nullptr;
  for (const auto& row : found.page->targets) {
    if (row.source_region == agent.line->agent.region && row.agent == agent.line->agent.local_ip) {
      out["source"] = source_json(row);
    }
  }
  told_by_agent told{{}, agent.problem, agent.status};
  if (agent.problem.empty()) {
    auto question = question_of(target, question_kinds::story);
    constexpr milliseconds no_probe{0};
    told = co_await put_question(h, *agent.line, std::move(question), no_probe,
                                 std::move(context.asker));
  }
  if (told.status == http::status::too_many_requests) {
    co_return net::error_response(told.status, told.problem);
  }
  out["problem"] = told.body.empty() ? json(told.problem) : json(nullptr);
  co_return net::json_response(http::status::ok,
                               with_raw(out, "story", told.body.empty() ? "null" : told.body));
}

} // namespace

void add_question_routes(net::router& routes, question_handles handles) {
  const auto h = std::make_shared<const question_handles>(std::move(handles));
  routes.post("/api/v1/probe",
              uncached([h](const net::http_request& request, net::request_context context) {
                response problem;
                auto body = read_json_body(request, problem);
                return probe_now(h, std::move(context), std::move(body), std::move(problem));
              }));
  routes.get("/api/v1/target/{uid}/story", uncached([h](const auto&, auto context) {
               return tell_story(h, std::move(context));
             }));
}

} // namespace xprober::web
