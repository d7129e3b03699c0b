#include <limits>
#include <span>
#include <vector>

#include "xprober/rpc/codec.hpp"
#include "xprober/rpc/json_reader.hpp"
#include "xprober/rpc/msgpack_head.hpp"
#include "xprober/rpc/msgpack_reader.hpp"

namespace xprober::rpc {

namespace {

// One decoder for all messages and both forms: each struct has a table of its fields (`shape`),
// and `decoder` walks the tables as the readers tell it what comes.

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
  using limits = std::numeric_limits<std::remove_reference_t<decltype(member)>>;
  if (value < limits::min() || value > limits::max()) {
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

constexpr field wire_value_fields[] = {
    plain<&wire_value::worker_name, wire_value>("workerName", field_kind::text),
    plain<&wire_value::metric_name, wire_value>("metricName", field_kind::text),
    plain<&wire_value::target_addr, wire_value>("targetAddr", field_kind::text),
    plain<&wire_value::source_region, wire_value>("sourceRegion", field_kind::text),
    plain<&wire_value::target_region, wire_value>("targetRegion", field_kind::text),
    plain<&wire_value::probe_type, wire_value>("probeType", field_kind::text),
    whole<&wire_value::unix_seconds, wire_value>("timeStamp"),
    plain<&wire_value::value, wire_value>("value", field_kind::real),
};
constexpr shape wire_value_shape{wire_value_fields};

constexpr field target_group_fields[] = {
    plain<&target_group::prober_type, target_group>("proberType", field_kind::text),
    plain<&target_group::region, target_group>("region", field_kind::text),
    plain<&target_group::targets, target_group>("target", field_kind::text_list),
};
constexpr shape target_group_shape{target_group_fields};

constexpr field targets_request_fields[] = {
    plain<&get_targets_request::local_region, get_targets_request>("localRegion", field_kind::text),
    plain<&get_targets_request::local_ip, get_targets_request>("localIp", field_kind::text),
    plain<&get_targets_request::revision, get_targets_request>("revision", field_kind::text),
    plain<&get_targets_request::differences, get_targets_request>("differences",
                                                                  field_kind::boolean),
    plain<&get_targets_request::process, get_targets_request>("process", field_kind::text),
};
constexpr shape targets_request_shape{targets_request_fields};

constexpr field targets_response_fields[] = {
    structs<&get_targets_response::targets, get_targets_response>("targets", target_group_shape),
    plain<&get_targets_response::revision, get_targets_response>("revision", field_kind::text),
    plain<&get_targets_response::unchanged, get_targets_response>("unchanged", field_kind::boolean),
    whole<&get_targets_response::batch_version, get_targets_response>("batch_version"),
    plain<&get_targets_response::base_revision, get_targets_response>("base_revision",
                                                                      field_kind::text),
    structs<&get_targets_response::added, get_targets_response>("added", target_group_shape),
    structs<&get_targets_response::removed, get_targets_response>("removed", target_group_shape),
};
constexpr shape targets_response_shape{targets_response_fields};

constexpr field push_request_fields[] = {
    structs<&push_request::values, push_request>("prober_results", wire_value_shape),
};
constexpr shape push_request_shape{push_request_fields};

constexpr field push_response_fields[] = {
    whole<&push_response::success_num, push_response>("success_num"),
};
constexpr shape push_response_shape{push_response_fields};

constexpr field push_batch_response_fields[] = {
    plain<&push_batch_response::instance, push_batch_response>("instance", field_kind::text),
    whole<&push_batch_response::sequence, push_batch_response>("sequence"),
    whole<&push_batch_response::accepted, push_batch_response>("accepted"),
    whole<&push_batch_response::rejected, push_batch_response>("rejected"),
    plain<&push_batch_response::duplicate, push_batch_response>("duplicate", field_kind::boolean),
    plain<&push_batch_response::errors, push_batch_response>("errors", field_kind::text_list),
};
constexpr shape push_batch_response_shape{push_batch_response_fields};

std::string_view expectation(field_kind kind) {
  switch (kind) {
  case field_kind::text: return "a text";
  case field_kind::integer: return "a whole number";
  case field_kind::real: return "a number";
  case field_kind::boolean: return "true or false";
  case field_kind::text_list: return "a list of texts";
  case field_kind::struct_list: return "a list of maps";
  }
  return "something else";
}

class decoder final : public value_events {
public:
  decoder(const shape& root, void* object, const decode_limits& limits)
      : root_(root), object_(object), limits_(limits) {}

  bool on_nil() override { return true; } // the default stays
  bool on_bool(bool value) override {
    if (auto* member = member_for(field_kind::boolean)) {
      *static_cast<bool*>(member) = value;
      return true;
    }
    return skipped_or_wrong("true or false");
  }
  bool on_integer(std::int64_t value) override {
    if (const auto* expected = scalar_field(); expected && expected->kind == field_kind::integer) {
      return expected->set_integer(frames_.back().object, value) || fail("does not fit");
    }
    if (auto* member = member_for(field_kind::real)) {
      *static_cast<float*>(member) = static_cast<float>(value);
      return true;
    }
    return skipped_or_wrong("a whole number");
  }
  bool on_large(std::uint64_t value) override {
    if (const auto* expected = scalar_field(); expected && expected->kind == field_kind::integer) {
      return fail("does not fit");
    }
    return on_real(static_cast<double>(value));
  }
  bool on_real(double value) override {
    if (auto* member = member_for(field_kind::real)) {
      *static_cast<float*>(member) = static_cast<float>(value);
      return true;
    }
    return skipped_or_wrong("a number with a fraction");
  }
  bool on_text(std::string_view value) override {
    if (skipping_ == 0 && !frames_.empty() && frames_.back().in_list &&
        frames_.back().current->kind == field_kind::text_list) {
      return append_text(value);
    }
    if (auto* member = member_for(field_kind::text)) {
      *static_cast<std::string*>(member) = value;
      return true;
    }
    return skipped_or_wrong("a text");
  }
  bool on_other() override { return skipped_or_wrong("an extension"); }

  bool on_map_begin() override {
    if (skip_deeper()) {
      return true;
    }
    if (frames_.empty()) {
      frames_.push_back({&root_, object_, nullptr, false});
      return true;
    }
    auto& frame = frames_.back();
    if (!frame.in_list || frame.current->kind != field_kind::struct_list) {
      return skipped_or_wrong("a map");
    }
    if (++structs_ > limits_.max_structs) {
      return fail("above the limit of " + std::to_string(limits_.max_structs) + " items");
    }
    auto* item = frame.current->append(frame.object);
    frames_.push_back({frame.current->item, item, nullptr, false});
    return true;
  }
  bool on_key(std::string_view key) override {
    if (skipping_ > 0) {
      return true;
    }
    auto& frame = frames_.back();
    frame.current = nullptr;
    for (const auto& candidate : frame.what->fields) {
      if (candidate.name == key) {
        frame.current = &candidate;
      }
    }
    return true;
  }
  bool on_map_end() override {
    if (skipping_ > 0) {
      --skipping_;
    } else {
      frames_.pop_back();
    }
    return true;
  }
  bool on_array_begin() override {
    if (skip_deeper()) {
      return true;
    }
    if (frames_.empty() || frames_.back().in_list ||
        (frames_.back().current->kind != field_kind::text_list &&
         frames_.back().current->kind != field_kind::struct_list)) {
      return skipped_or_wrong("a list");
    }
    frames_.back().in_list = true;
    return true;
  }
  bool on_array_end() override {
    if (skipping_ > 0) {
      --skipping_;
    } else {
      frames_.back().in_list = false;
    }
    return true;
  }

  const std::string& error() const { return error_; }

private:
  /// A struct that is open.
  struct open_struct {
    const shape* what;
    void* object;
    const field* current; ///< whose value comes; null for an unknown one
    bool in_list;         ///< the values are items of `current`
  };

  /// True inside of, or at the beginning of, a value that nobody wants.
  bool skip_deeper() {
    if (skipping_ > 0 || (!frames_.empty() && frames_.back().current == nullptr)) {
      ++skipping_;
      return true;
    }
    return false;
  }

  /// The field whose single value comes now; null where none is expected.
  const field* scalar_field() const {
    if (skipping_ > 0 || frames_.empty() || frames_.back().in_list) {
      return nullptr;
    }
    return frames_.back().current;
  }

  void* member_for(field_kind kind) const {
    const auto* expected = scalar_field();
    return expected && expected->kind == kind ? expected->member(frames_.back().object) : nullptr;
  }

  bool append_text(std::string_view value) {
    if (++texts_ > limits_.max_texts) {
      return fail("above the limit of " + std::to_string(limits_.max_texts) + " items");
    }
    auto& frame = frames_.back();
    static_cast<std::vector<std::string>*>(frame.current->member(frame.object))
        ->emplace_back(value);
    return true;
  }

  /// True for a value of an unknown field; else the value has the wrong kind.
  bool skipped_or_wrong(std::string_view found) {
    if (skipping_ > 0 || (!frames_.empty() && frames_.back().current == nullptr)) {
      return true;
    }
    if (frames_.empty()) {
      return fail(std::string{found} + " stands where a map belongs");
    }
    const auto& frame = frames_.back();
    std::string_view expected = expectation(frame.current->kind);
    if (frame.in_list) {
      expected = frame.current->kind == field_kind::text_list ? "a text" : "a map";
    }
    return fail(std::string{found} + " stands where " + std::string{expected} + " belongs");
  }

  bool fail(const std::string& reason) {
    std::string path;
    for (const auto& open : frames_) {
      if (open.current) {
        path += (path.empty() ? "" : ".") + std::string{open.current->name};
      }
    }
    error_ = path.empty() ? reason : path + ": " + reason;
    return false;
  }

  const shape& root_;
  void* object_;
  const decode_limits& limits_;
  std::vector<open_struct> frames_;
  std::size_t skipping_ = 0; ///< maps and arrays that are open in a value that nobody wants
  std::size_t structs_ = 0;
  std::size_t texts_ = 0;
  std::string error_;
};

decode_error decode_struct(std::string_view bytes, wire_format format, const shape& root,
                           void* object, const decode_limits& limits) {
  decoder events{root, object, limits};
  auto problem = format == wire_format::msgpack ? read_msgpack(bytes, limits.max_depth, events)
                                                : read_json(bytes, limits.max_depth, events);
  return problem.empty() ? events.error() : problem;
}

} // namespace

decode_error decode(std::string_view bytes, wire_format format, get_targets_request& out,
                    const decode_limits& limits) {
  return decode_struct(bytes, format, targets_request_shape, &out, limits);
}
decode_error decode(std::string_view bytes, wire_format format, get_targets_response& out,
                    const decode_limits& limits) {
  return decode_struct(bytes, format, targets_response_shape, &out, limits);
}
decode_error decode(std::string_view bytes, wire_format format, push_request& out,
                    const decode_limits& limits) {
  return decode_struct(bytes, format, push_request_shape, &out, limits);
}
decode_error decode(std::string_view bytes, wire_format format, push_response& out,
                    const decode_limits& limits) {
  return decode_struct(bytes, format, push_response_shape, &out, limits);
}
decode_error decode(std::string_view bytes, wire_format format, push_batch_response& out,
                    const decode_limits& limits) {
  return decode_struct(bytes, format, push_batch_response_shape, &out, limits);
}
decode_error decode(std::string_view bytes, wire_format format, push_batch_request& out,
                    const decode_limits&) {
  msgpack_head head;
  if (format != wire_format::msgpack || read_head(bytes, head) != head_status::ok ||
      head.kind != msgpack_kind::text || head.payload_bytes != bytes.size() - head.head_bytes) {
    return "the argument is no batch: it has to be one text or bin";
  }
  out.bytes = std::make_shared<const std::string>(bytes.substr(head.head_bytes));
  return {};
}

} // namespace xprober::rpc
