#pragma once

// The fields of each message by their names on the wire, for the decoder.

#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

#include "xprober/domain/wire/chains.hpp"
#include "xprober/domain/wire/questions.hpp"
#include "xprober/domain/wire/wire.hpp"

namespace xprober::rpc::shapes {

enum class field_kind : std::uint8_t { text, integer, real, boolean, text_list, struct_list };

struct shape;

struct field {
  std::string_view name;
  field_kind kind;
  /// The member inside of the struct at `object`; its type follows from `kind`: std::string,
  /// std::int64_t (through `set_integer`), float, bool, std::vector<std::string>.
  void* (*member)(void* object) = nullptr;
  /// For integers: false when the value does not fit the member.
  bool (*set_integer)(void* object, std::int64_t value) = nullptr;
  /// For struct lists: adds an item and returns it.
  void* (*append)(void* object) = nullptr;
  const shape* item = nullptr;
};

struct shape {
  std::span<const field> fields;
};

template <auto Member, class Struct>
void* member_of(void* object) {
  return &(static_cast<Struct*>(object)->*Member);
}

template <auto Member, class Struct>
bool set_integer_of(void* object, std::int64_t value) {
  auto& member = static_cast<Struct*>(object)->*Member;
  if (!std::in_range<std::remove_reference_t<decltype(member)>>(value)) {
    return false;
  }
  member = static_cast<std::remove_reference_t<decltype(member)>>(value);
  return true;
}

template <auto Member, class Struct>
void* append_to(void* object) {
  return &(static_cast<Struct*>(object)->*Member).emplace_back();
}

template <auto Member, class Struct>
constexpr field plain(std::string_view name, field_kind kind) {
  return {name, kind, &member_of<Member, Struct>};
}
template <auto Member, class Struct>
constexpr field whole(std::string_view name) {
  return {name, field_kind::integer, nullptr, &set_integer_of<Member, Struct>};
}
template <auto Member, class Struct>
constexpr field structs(std::string_view name, const shape& item) {
  return {name, field_kind::struct_list, nullptr, nullptr, &append_to<Member, Struct>, &item};
}

inline constexpr field wire_value_fields[] = {
    plain<&wire_value::worker_name, wire_value>("workerName", field_kind::text),
    plain<&wire_value::metric_name, wire_value>("metricName", field_kind::text),
    plain<&wire_value::target_addr, wire_value>("targetAddr", field_kind::text),
    plain<&wire_value::source_region, wire_value>("sourceRegion", field_kind::text),
    plain<&wire_value::target_region, wire_value>("targetRegion", field_kind::text),
    plain<&wire_value::probe_type, wire_value>("probeType", field_kind::text),
    whole<&wire_value::unix_seconds, wire_value>("timeStamp"),
    plain<&wire_value::value, wire_value>("value", field_kind::real),
};
inline constexpr shape wire_value_shape{wire_value_fields};

inline constexpr field target_group_fields[] = {
    plain<&target_group::prober_type, target_group>("proberType", field_kind::text),
    plain<&target_group::region, target_group>("region", field_kind::text),
    plain<&target_group::targets, target_group>("target", field_kind::text_list),
};
inline constexpr shape target_group_shape{target_group_fields};

inline constexpr field own_fault_fields[] = {
    plain<&own_fault::reason, own_fault>("reason", field_kind::text),
    plain<&own_fault::detail, own_fault>("detail", field_kind::text),
    whole<&own_fault::since_unix, own_fault>("sinceUnix"),
};
inline constexpr shape own_fault_shape{own_fault_fields};

// What an agent says of itself stands beside its question on the wire.

inline agent_report* about_of(void* object) {
  return &static_cast<get_targets_request*>(object)->about;
}

template <auto Member>
constexpr field said_text(std::string_view name) {
  return {name, field_kind::text,
          [](void* object) -> void* { return &(about_of(object)->*Member); }};
}
template <auto Member>
constexpr field said_number(std::string_view name) {
  return {name, field_kind::integer, nullptr, [](void* object, std::int64_t value) {
            return set_integer_of<Member, agent_report>(about_of(object), value);
          }};
}
template <auto Member>
constexpr field said_backlog(std::string_view name) {
  return {name, field_kind::integer, nullptr, [](void* object, std::int64_t value) {
            auto& said = about_of(object)->backlog;
            return set_integer_of<Member, agent_backlog>(said ? &*said : &said.emplace(), value);
          }};
}
constexpr field said_faults(std::string_view name) {
  return {name,
          field_kind::struct_list,
          nullptr,
          nullptr,
          [](void* object) -> void* { return &about_of(object)->own_faults.emplace_back(); },
          &own_fault_shape};
}

inline constexpr field targets_request_fields[] = {
    plain<&get_targets_request::local_region, get_targets_request>("localRegion", field_kind::text),
    plain<&get_targets_request::local_ip, get_targets_request>("localIp", field_kind::text),
    plain<&get_targets_request::revision, get_targets_request>("revision", field_kind::text),
    plain<&get_targets_request::differences, get_targets_request>("differences",
                                                                  field_kind::boolean),
    plain<&get_targets_request::process, get_targets_request>("process", field_kind::text),
    said_text<&agent_report::version>("version"),
    said_text<&agent_report::http_addr>("httpAddr"),
    said_number<&agent_report::sync_interval_ms>("syncIntervalMs"),
    said_number<&agent_report::probe_interval_ms>("probeIntervalMs"),
    said_faults("ownFaults"),
    said_backlog<&agent_backlog::batches>("spoolBatches"),
    said_backlog<&agent_backlog::bytes>("spoolBytes"),
    said_backlog<&agent_backlog::oldest_unix>("spoolOldestUnix"),
    said_backlog<&agent_backlog::lag_ms>("lagMs"),
    {"answersQuestions", field_kind::boolean,
     [](void* object) -> void* { return &about_of(object)->answers_questions; }},
};
inline constexpr shape targets_request_shape{targets_request_fields};

inline constexpr field targets_response_fields[] = {
    structs<&get_targets_response::targets, get_targets_response>("targets", target_group_shape),
    plain<&get_targets_response::revision, get_targets_response>("revision", field_kind::text),
    plain<&get_targets_response::unchanged, get_targets_response>("unchanged", field_kind::boolean),
    whole<&get_targets_response::batch_version, get_targets_response>("batch_version"),
    plain<&get_targets_response::base_revision, get_targets_response>("base_revision",
                                                                      field_kind::text),
    structs<&get_targets_response::added, get_targets_response>("added", target_group_shape),
    structs<&get_targets_response::removed, get_targets_response>("removed", target_group_shape),
    plain<&get_targets_response::questions, get_targets_response>("questions", field_kind::boolean),
};
inline constexpr shape targets_response_shape{targets_response_fields};

inline constexpr field push_request_fields[] = {
    structs<&push_request::values, push_request>("prober_results", wire_value_shape),
};
inline constexpr shape push_request_shape{push_request_fields};

inline constexpr field push_response_fields[] = {
    whole<&push_response::success_num, push_response>("success_num"),
};
inline constexpr shape push_response_shape{push_response_fields};

inline constexpr field push_batch_response_fields[] = {
    plain<&push_batch_response::instance, push_batch_response>("instance", field_kind::text),
    whole<&push_batch_response::sequence, push_batch_response>("sequence"),
    whole<&push_batch_response::accepted, push_batch_response>("accepted"),
    whole<&push_batch_response::rejected, push_batch_response>("rejected"),
    plain<&push_batch_response::duplicate, push_batch_response>("duplicate", field_kind::boolean),
    plain<&push_batch_response::errors, push_batch_response>("errors", field_kind::text_list),
    whole<&push_batch_response::clock_ahead_ms, push_batch_response>("clockAheadMs"),
};
inline constexpr shape push_batch_response_shape{push_batch_response_fields};

inline constexpr field leave_request_fields[] = {
    plain<&leave_request::local_region, leave_request>("localRegion", field_kind::text),
    plain<&leave_request::local_ip, leave_request>("localIp", field_kind::text),
    plain<&leave_request::process, leave_request>("process", field_kind::text),
};
inline constexpr shape leave_request_shape{leave_request_fields};

inline constexpr field leave_response_fields[] = {
    plain<&leave_response::known, leave_response>("known", field_kind::boolean),
};
inline constexpr shape leave_response_shape{leave_response_fields};

inline constexpr field agent_reply_fields[] = {
    plain<&agent_reply::id, agent_reply>("id", field_kind::text),
    plain<&agent_reply::problem, agent_reply>("problem", field_kind::text),
    plain<&agent_reply::body, agent_reply>("body", field_kind::text),
};
inline constexpr shape agent_reply_shape{agent_reply_fields};

inline constexpr field questions_request_fields[] = {
    plain<&questions_request::local_region, questions_request>("localRegion", field_kind::text),
    plain<&questions_request::local_ip, questions_request>("localIp", field_kind::text),
    plain<&questions_request::process, questions_request>("process", field_kind::text),
    structs<&questions_request::replies, questions_request>("replies", agent_reply_shape),
};
inline constexpr shape questions_request_shape{questions_request_fields};

inline constexpr field agent_question_fields[] = {
    plain<&agent_question::id, agent_question>("id", field_kind::text),
    plain<&agent_question::what, agent_question>("what", field_kind::text),
    plain<&agent_question::uid, agent_question>("uid", field_kind::text),
    plain<&agent_question::prober_type, agent_question>("proberType", field_kind::text),
    plain<&agent_question::region, agent_question>("region", field_kind::text),
    plain<&agent_question::target, agent_question>("target", field_kind::text),
    plain<&agent_question::module, agent_question>("module", field_kind::text),
    whole<&agent_question::time_limit_ms, agent_question>("timeLimitMs"),
};
inline constexpr shape agent_question_shape{agent_question_fields};

inline constexpr field questions_response_fields[] = {
    structs<&questions_response::questions, questions_response>("questions", agent_question_shape),
};
inline constexpr shape questions_response_shape{questions_response_fields};

inline constexpr field told_chain_fields[] = {
    plain<&told_chain::certificates, told_chain>("certificates", field_kind::text_list),
};
inline constexpr shape told_chain_shape{told_chain_fields};

inline constexpr field told_sighting_fields[] = {
    plain<&told_sighting::prober_type, told_sighting>("proberType", field_kind::text),
    plain<&told_sighting::region, told_sighting>("region", field_kind::text),
    plain<&told_sighting::target, told_sighting>("target", field_kind::text),
    whole<&told_sighting::chain, told_sighting>("chain"),
    plain<&told_sighting::verdict, told_sighting>("verdict", field_kind::text),
};
inline constexpr shape told_sighting_shape{told_sighting_fields};

inline constexpr field chains_request_fields[] = {
    plain<&chains_request::local_region, chains_request>("localRegion", field_kind::text),
    plain<&chains_request::local_ip, chains_request>("localIp", field_kind::text),
    plain<&chains_request::process, chains_request>("process", field_kind::text),
    whole<&chains_request::sequence, chains_request>("sequence"),
    structs<&chains_request::chains, chains_request>("chains", told_chain_shape),
    structs<&chains_request::sightings, chains_request>("sightings", told_sighting_shape),
    plain<&chains_request::certificates, chains_request>("certificates", field_kind::text_list),
};
inline constexpr shape chains_request_shape{chains_request_fields};

inline constexpr field chains_response_fields[] = {
    whole<&chains_response::sequence, chains_response>("sequence"),
    plain<&chains_response::again, chains_response>("again", field_kind::boolean),
    plain<&chains_response::wanted, chains_response>("wanted", field_kind::text_list),
};
inline constexpr shape chains_response_shape{chains_response_fields};

} // namespace xprober::rpc::shapes
