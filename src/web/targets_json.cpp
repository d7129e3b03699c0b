#include "xprober/web/targets_json.hpp"

#include "xprober/domain/time_text.hpp"
#include "xprober/web/fact_json.hpp"
#include "xprober/web/json.hpp"
#include "xprober/web/kind_json.hpp"

namespace xprober::web {

namespace {

void append_uid(json& out, const target_uid& uid) {
  out["uid"] = uid_text(uid);
  out["target"] = uid.address;
  out["region"] = uid.region;
  out["probe_type"] = to_string(uid.type);
}

json outcome_json(const probe_outcome& outcome, const probe_kind& kind,
                  const presenter_table& presenters) {
  const auto& presenter = presenters.of(kind);
  json out = {{"kind", kind.name},
              {"time", rfc3339(outcome.started)},
              {"time_unix", unix_fraction(outcome.started)},
              {"success", outcome.success},
              {"error",
               outcome.error == probe_error::none ? json(nullptr) : json(to_string(outcome.error))},
              {"local_error", is_local(outcome.error)},
              {"detail", outcome.detail},
              {"address", outcome.address},
              {"duration_ms", json_number(to_ms(outcome.duration))},
              {"time_ms", time_json(kind, outcome.values, outcome.success)},
              {"loss_percent", loss_json(kind, outcome.values)},
              {"remark", outcome.success ? presenter.remark(outcome) : ""},
              {"start_lag_ms", json_number(to_ms(outcome.start_lag))},
              {"shared", outcome.shared},
              {"resolve_cached", outcome.resolve_cached}};
  fact_json facts;
  presenter.facts(outcome, facts);
  out[kind.name] = facts.take();
  return out;
}

json result_json(const probe_result_ptr& result, const presenter_table& presenters) {
  return result ? outcome_json(result->outcome, result->target->kind(), presenters) : json(nullptr);
}

json since_json(std::uint32_t since_unix) {
  return since_unix > 0 ? json(since_unix) : json(nullptr);
}

json steps_json(const std::vector<story_line>& lines) {
  json out = json::array();
  for (const auto& line : lines) {
    json fields = json::object();
    for (const auto& [name, value] : line.fields) {
      fields[name] = value;
    }
    out.push_back({{"at_ms", json_number(to_ms(line.at))},
                   {"text", line.text},
                   {"fields", std::move(fields)}});
  }
  return out;
}

json results_json(const std::vector<probe_result_ptr>& results, const presenter_table& presenters) {
  json out = json::array();
  for (const auto& result : results) {
    if (result) {
      out.push_back(result_json(result, presenters));
    }
  }
  return out;
}

} // namespace

std::string targets_json(const target_listing& listing, const presenter_table& presenters) {
  json lines = json::array();
  for (const auto& line : listing.lines) {
    json item = json::object();
    append_uid(item, line.uid);
    item["state"] = line.state;
    item["since_unix"] = since_json(line.since_unix);
    item["last"] = result_json(line.last, presenters);
    lines.push_back(std::move(item));
  }
  const auto known = listing.ok + listing.failing + listing.prober_fault;
  return json_text({{"targets", std::move(lines)},
                    {"matching", listing.matching},
                    {"total", listing.total},
                    {"ok", listing.ok},
                    {"failing", listing.failing},
                    {"prober_fault", listing.prober_fault},
                    {"waiting", listing.total > known ? listing.total - known : 0}});
}

std::string target_json(const target_story& story, const presenter_table& presenters) {
  json out = json::object();
  append_uid(out, story.uid);
  out["state"] = story.state;
  out["since_unix"] = since_json(story.since_unix);
  out["probing"] = story.probing;
  out["counters"] = {{"ticks", story.ticks},     {"skipped_busy", story.skipped_busy},
                     {"started", story.started}, {"succeeded", story.succeeded},
                     {"failed", story.failed},   {"local_errors", story.local_errors}};
  out["last"] = result_json(story.last, presenters);
  out["results"] = results_json(story.results, presenters);
  out["failures"] = results_json(story.failures, presenters);
  return json_text(out);
}

std::string probe_answer_json(const probe_question& question, const probe_answer& answer,
                              const presenter_table& presenters) {
  const auto& kind = *answer.module->prober;
  json out = json::object();
  out["module"] = question.module;
  out["kind"] = kind.name;
  out["listed"] = question.own != nullptr;
  out["result"] = outcome_json(answer.outcome, kind, presenters);
  out["first_address"] = answer.story.first_address;
  out["resolve_ms"] = json_number(to_ms(answer.story.resolve));
  out["steps"] = steps_json(answer.story.lines);
  return json_text(out);
}

} // namespace xprober::web
