#include <algorithm>

#include "json_writer.hpp"
#include "xprober/rpc/codec.hpp"
#include "xprober/rpc/msgpack_writer.hpp"

namespace xprober::rpc {

namespace {

template <class Writer>
void text_field(Writer& w, std::string_view name, std::string_view value) {
  w.key(name);
  w.text(value);
}

template <class Writer>
void write(Writer& w, const wire_value& m) {
  w.begin_map(8);
  text_field(w, "workerName", m.worker_name);
  text_field(w, "metricName", m.metric_name);
  text_field(w, "targetAddr", m.target_addr);
  text_field(w, "sourceRegion", m.source_region);
  text_field(w, "targetRegion", m.target_region);
  text_field(w, "probeType", m.probe_type);
  w.key("timeStamp");
  w.integer(m.unix_seconds);
  w.key("value");
  w.float32(m.value);
  w.end_map();
}

template <class Writer>
void write(Writer& w, const target_group& m) {
  w.begin_map(3);
  text_field(w, "proberType", m.prober_type);
  text_field(w, "region", m.region);
  w.key("target");
  w.begin_array(m.targets.size());
  for (const auto& address : m.targets) {
    w.text(address);
  }
  w.end_array();
  w.end_map();
}

template <class Writer>
void write(Writer& w, const own_fault& m) {
  w.begin_map(3);
  text_field(w, "reason", m.reason);
  text_field(w, "detail", m.detail);
  w.key("sinceUnix");
  w.integer(m.since_unix);
  w.end_map();
}

template <class Writer>
void write(Writer& w, const agent_question& m) {
  w.begin_map(8);
  text_field(w, "id", m.id);
  text_field(w, "what", m.what);
  text_field(w, "uid", m.uid);
  text_field(w, "proberType", m.prober_type);
  text_field(w, "region", m.region);
  text_field(w, "target", m.target);
  text_field(w, "module", m.module);
  w.key("timeLimitMs");
  w.integer(static_cast<std::int64_t>(m.time_limit_ms));
  w.end_map();
}

template <class Writer>
void write(Writer& w, const agent_reply& m) {
  w.begin_map(3);
  text_field(w, "id", m.id);
  text_field(w, "problem", m.problem);
  text_field(w, "body", m.body);
  w.end_map();
}

template <class Writer>
void texts_field(Writer& w, std::string_view name, const std::vector<std::string>& texts) {
  w.key(name);
  w.begin_array(texts.size());
  for (const auto& text : texts) {
    w.text(text);
  }
  w.end_array();
}

template <class Writer>
void write(Writer& w, const told_chain& m) {
  w.begin_map(1);
  texts_field(w, "certificates", m.certificates);
  w.end_map();
}

template <class Writer>
void write(Writer& w, const told_sighting& m) {
  w.begin_map(5);
  text_field(w, "proberType", m.prober_type);
  text_field(w, "region", m.region);
  text_field(w, "target", m.target);
  w.key("chain");
  w.integer(m.chain);
  text_field(w, "verdict", m.verdict);
  w.end_map();
}

template <class Writer, class Item>
void list_field(Writer& w, std::string_view name, const std::vector<Item>& items) {
  w.key(name);
  w.begin_array(items.size());
  for (const auto& item : items) {
    write(w, item);
  }
  w.end_array();
}

/// How many fields `write_about` writes.
std::size_t fields_of(const agent_report& m) {
  const bool said[] = {!m.version.empty(),      !m.http_addr.empty(),  m.sync_interval_ms > 0,
                       m.probe_interval_ms > 0, !m.own_faults.empty(), m.answers_questions};
  return static_cast<std::size_t>(std::ranges::count(said, true)) + (m.backlog ? 4U : 0U);
}

template <class Writer>
void write_about(Writer& w, const agent_report& m) {
  if (!m.version.empty()) {
    text_field(w, "version", m.version);
  }
  if (!m.http_addr.empty()) {
    text_field(w, "httpAddr", m.http_addr);
  }
  if (m.sync_interval_ms > 0) {
    w.key("syncIntervalMs");
    w.integer(static_cast<std::int64_t>(m.sync_interval_ms));
  }
  if (m.probe_interval_ms > 0) {
    w.key("probeIntervalMs");
    w.integer(static_cast<std::int64_t>(m.probe_interval_ms));
  }
  if (!m.own_faults.empty()) {
    list_field(w, "ownFaults", m.own_faults);
  }
  if (m.answers_questions) {
    w.key("answersQuestions");
    w.boolean(true);
  }
  if (m.backlog) {
    w.key("spoolBatches");
    w.integer(static_cast<std::int64_t>(m.backlog->batches));
    w.key("spoolBytes");
    w.integer(static_cast<std::int64_t>(m.backlog->bytes));
    w.key("spoolOldestUnix");
    w.integer(m.backlog->oldest_unix);
    w.key("lagMs");
    w.integer(static_cast<std::int64_t>(m.backlog->lag_ms));
  }
}

template <class Writer>
void write(Writer& w, const get_targets_request& m) {
  w.begin_map(2U + (m.revision.empty() ? 0 : 1) + (m.differences ? 1 : 0) +
              (m.process.empty() ? 0 : 1) + fields_of(m.about));
  text_field(w, "localRegion", m.local_region);
  text_field(w, "localIp", m.local_ip);
  if (!m.revision.empty()) {
    text_field(w, "revision", m.revision);
  }
  if (m.differences) {
    w.key("differences");
    w.boolean(true);
  }
  if (!m.process.empty()) {
    text_field(w, "process", m.process);
  }
  write_about(w, m.about);
  w.end_map();
}

template <class Writer>
void write(Writer& w, const leave_request& m) {
  w.begin_map(3);
  text_field(w, "localRegion", m.local_region);
  text_field(w, "localIp", m.local_ip);
  text_field(w, "process", m.process);
  w.end_map();
}

template <class Writer>
void write(Writer& w, const leave_response& m) {
  w.begin_map(1);
  w.key("known");
  w.boolean(m.known);
  w.end_map();
}

template <class Writer>
void write(Writer& w, const questions_request& m) {
  w.begin_map(4);
  text_field(w, "localRegion", m.local_region);
  text_field(w, "localIp", m.local_ip);
  text_field(w, "process", m.process);
  list_field(w, "replies", m.replies);
  w.end_map();
}

template <class Writer>
void write(Writer& w, const questions_response& m) {
  w.begin_map(1);
  list_field(w, "questions", m.questions);
  w.end_map();
}

template <class Writer>
void write(Writer& w, const chains_request& m) {
  w.begin_map(7);
  text_field(w, "localRegion", m.local_region);
  text_field(w, "localIp", m.local_ip);
  text_field(w, "process", m.process);
  w.key("sequence");
  w.integer(static_cast<std::int64_t>(m.sequence));
  list_field(w, "chains", m.chains);
  list_field(w, "sightings", m.sightings);
  texts_field(w, "certificates", m.certificates);
  w.end_map();
}

template <class Writer>
void write(Writer& w, const chains_response& m) {
  w.begin_map(3);
  w.key("sequence");
  w.integer(static_cast<std::int64_t>(m.sequence));
  w.key("again");
  w.boolean(m.again);
  texts_field(w, "wanted", m.wanted);
  w.end_map();
}

template <class Writer>
void write(Writer& w, const get_targets_response& m) {
  w.begin_map(1U + (m.revision.empty() ? 0 : 1) + (m.unchanged ? 1 : 0) +
              (m.batch_version == 0 ? 0 : 1) + (m.base_revision.empty() ? 0 : 3) +
              (m.questions ? 1 : 0));
  list_field(w, "targets", m.targets);
  if (!m.revision.empty()) {
    text_field(w, "revision", m.revision);
  }
  if (m.unchanged) {
    w.key("unchanged");
    w.boolean(true);
  }
  if (m.batch_version != 0) {
    w.key("batch_version");
    w.integer(m.batch_version);
  }
  if (!m.base_revision.empty()) {
    text_field(w, "base_revision", m.base_revision);
    list_field(w, "added", m.added);
    list_field(w, "removed", m.removed);
  }
  if (m.questions) {
    w.key("questions");
    w.boolean(true);
  }
  w.end_map();
}

template <class Writer>
void write(Writer& w, const push_request& m) {
  w.begin_map(1);
  list_field(w, "prober_results", m.values);
  w.end_map();
}

template <class Writer>
void write(Writer& w, const push_response& m) {
  w.begin_map(1);
  w.key("success_num");
  w.integer(m.success_num);
  w.end_map();
}

template <class Writer>
void write(Writer& w, const push_batch_response& m) {
  w.begin_map(5U + (m.errors.empty() ? 0U : 1U) + (m.clock_ahead_ms != 0 ? 1U : 0U));
  text_field(w, "instance", m.instance);
  w.key("sequence");
  w.integer(m.sequence);
  w.key("accepted");
  w.integer(m.accepted);
  w.key("rejected");
  w.integer(m.rejected);
  w.key("duplicate");
  w.boolean(m.duplicate);
  if (!m.errors.empty()) {
    w.key("errors");
    w.begin_array(m.errors.size());
    for (const auto& error : m.errors) {
      w.text(error);
    }
    w.end_array();
  }
  if (m.clock_ahead_ms != 0) {
    w.key("clockAheadMs");
    w.integer(m.clock_ahead_ms);
  }
  w.end_map();
}

template <class Message>
void encode_message(const Message& message, wire_format format, std::string& out) {
  if (format == wire_format::msgpack) {
    msgpack_writer writer{out};
    write(writer, message);
  } else {
    json_writer writer{out};
    write(writer, message);
  }
}

} // namespace

std::string_view media_type(wire_format format) noexcept {
  return format == wire_format::msgpack ? "application/msgpack" : "application/json";
}

void encode(const get_targets_request& message, wire_format format, std::string& out) {
  encode_message(message, format, out);
}
void encode(const get_targets_response& message, wire_format format, std::string& out) {
  encode_message(message, format, out);
}
void encode(const push_request& message, wire_format format, std::string& out) {
  encode_message(message, format, out);
}
void encode(const push_response& message, wire_format format, std::string& out) {
  encode_message(message, format, out);
}
void encode(const push_batch_response& message, wire_format format, std::string& out) {
  encode_message(message, format, out);
}
void encode(const leave_request& message, wire_format format, std::string& out) {
  encode_message(message, format, out);
}
void encode(const leave_response& message, wire_format format, std::string& out) {
  encode_message(message, format, out);
}
void encode(const questions_request& message, wire_format format, std::string& out) {
  encode_message(message, format, out);
}
void encode(const questions_response& message, wire_format format, std::string& out) {
  encode_message(message, format, out);
}
void encode(const chains_request& message, wire_format format, std::string& out) {
  encode_message(message, format, out);
}
void encode(const chains_response& message, wire_format format, std::string& out) {
  encode_message(message, format, out);
}
void encode(const push_batch_request& message, wire_format, std::string& out) {
  msgpack_writer{out}.text(*message.bytes);
}

} // namespace xprober::rpc
