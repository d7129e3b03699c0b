#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "message_shapes.hpp"
#include "xprober/rpc/codec.hpp"
#include "xprober/rpc/json_reader.hpp"
#include "xprober/rpc/msgpack_head.hpp"
#include "xprober/rpc/msgpack_reader.hpp"

namespace xprober::rpc {

namespace {

// One decoder for all messages and both forms: each struct has a table of its fields (`shape`),
// and `decoder` walks the tables as the readers tell it what comes.
using shapes::field;
using shapes::field_kind;
using shapes::shape;

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
      // What is infinite came so; a number does not become it.
      if (std::isfinite(value) && std::abs(value) > std::numeric_limits<float>::max()) {
        return fail("does not fit");
      }
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
  return decode_struct(bytes, format, shapes::targets_request_shape, &out, limits);
}
decode_error decode(std::string_view bytes, wire_format format, get_targets_response& out,
                    const decode_limits& limits) {
  return decode_struct(bytes, format, shapes::targets_response_shape, &out, limits);
}
decode_error decode(std::string_view bytes, wire_format format, push_request& out,
                    const decode_limits& limits) {
  return decode_struct(bytes, format, shapes::push_request_shape, &out, limits);
}
decode_error decode(std::string_view bytes, wire_format format, push_response& out,
                    const decode_limits& limits) {
  return decode_struct(bytes, format, shapes::push_response_shape, &out, limits);
}
decode_error decode(std::string_view bytes, wire_format format, push_batch_response& out,
                    const decode_limits& limits) {
  return decode_struct(bytes, format, shapes::push_batch_response_shape, &out, limits);
}
decode_error decode(std::string_view bytes, wire_format format, leave_request& out,
                    const decode_limits& limits) {
  return decode_struct(bytes, format, shapes::leave_request_shape, &out, limits);
}
decode_error decode(std::string_view bytes, wire_format format, leave_response& out,
                    const decode_limits& limits) {
  return decode_struct(bytes, format, shapes::leave_response_shape, &out, limits);
}
decode_error decode(std::string_view bytes, wire_format format, questions_request& out,
                    const decode_limits& limits) {
  return decode_struct(bytes, format, shapes::questions_request_shape, &out, limits);
}
decode_error decode(std::string_view bytes, wire_format format, questions_response& out,
                    const decode_limits& limits) {
  return decode_struct(bytes, format, shapes::questions_response_shape, &out, limits);
}
decode_error decode(std::string_view bytes, wire_format format, chains_request& out,
                    const decode_limits& limits) {
  return decode_struct(bytes, format, shapes::chains_request_shape, &out, limits);
}
decode_error decode(std::string_view bytes, wire_format format, chains_response& out,
                    const decode_limits& limits) {
  return decode_struct(bytes, format, shapes::chains_response_shape, &out, limits);
}
decode_error decode(std::string_view bytes, wire_format format, push_batch_request& out,
                    const decode_limits&) {
  msgpack_head head;
  if (format != wire_format::msgpack || read_head(bytes, head) != head_status::ok ||
      head.kind != msgpack_kind::text || head.payload_bytes != bytes.size() - head.head_bytes) {
    return "the argument is not a batch: it has to be one text or bin";
  }
  out.bytes = std::make_shared<const std::string>(bytes.substr(head.head_bytes));
  return {};
}

} // namespace xprober::rpc
