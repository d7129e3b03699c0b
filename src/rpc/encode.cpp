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

template <class Writer, class Item>
void list_field(Writer& w, std::string_view name, const std::vector<Item>& items) {
  w.key(name);
  w.begin_array(items.size());
  for (const auto& item : items) {
    write(w, item);
  }
  w.end_array();
}

template <class Writer>
void write(Writer& w, const get_targets_request& m) {
  w.begin_map(2U + (m.revision.empty() ? 0 : 1) + (m.differences ? 1 : 0) +
              (m.process.empty() ? 0 : 1));
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
  w.end_map();
}

template <class Writer>
void write(Writer& w, const get_targets_response& m) {
  w.begin_map(1U + (m.revision.empty() ? 0 : 1) + (m.unchanged ? 1 : 0) +
              (m.batch_version == 0 ? 0 : 1) + (m.base_revision.empty() ? 0 : 3));
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
  w.begin_map(m.errors.empty() ? 5 : 6);
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
void encode(const push_batch_request& message, wire_format, std::string& out) {
  msgpack_writer{out}.text(*message.bytes);
}

} // namespace xprober::rpc
