#pragma once

#include <string>
#include <string_view>

#include "fuzz/support/fuzz.hpp"
#include "xprober/rpc/codec.hpp"
#include "xprober/rpc/value_events.hpp"

namespace xprober::fuzz {

/// Few enough that an input reaches them.
inline rpc::decode_limits small_limits() {
  rpc::decode_limits limits;
  limits.max_depth = 8;
  limits.max_structs = 40;
  limits.max_texts = 60;
  return limits;
}

/// What was decoded is written and read again, and is the same then. Compared as bytes: a value
/// that is not a number equals nothing.
template <class Message>
void check_round_trip(std::string_view bytes, rpc::wire_format format) {
  Message first;
  if (!rpc::decode(bytes, format, first, small_limits()).empty()) {
    return;
  }
  std::string written;
  rpc::encode(first, format, written);
  Message second;
  const auto problem = rpc::decode(written, format, second, small_limits());
  require(problem.empty(), problem);
  std::string again;
  rpc::encode(second, format, again);
  require(written == again, "a message is the same after it was written and read");
}

/// Reads the bytes as a message of each kind.
inline void check_messages(std::string_view bytes, rpc::wire_format format) {
  check_round_trip<get_targets_request>(bytes, format);
  check_round_trip<get_targets_response>(bytes, format);
  check_round_trip<push_request>(bytes, format);
  check_round_trip<push_response>(bytes, format);
  check_round_trip<push_batch_response>(bytes, format);
  check_round_trip<leave_request>(bytes, format);
  check_round_trip<leave_response>(bytes, format);
  check_round_trip<questions_request>(bytes, format);
  check_round_trip<questions_response>(bytes, format);

  get_targets_response list;
  if (rpc::decode(bytes, format, list, small_limits()).empty()) {
    require(list.targets.size() + list.added.size() + list.removed.size() <=
                small_limits().max_structs,
            "no more structs than the limit");
    std::size_t texts = 0;
    for (const auto* groups : {&list.targets, &list.added, &list.removed}) {
      for (const auto& group : *groups) {
        texts += group.targets.size();
      }
    }
    require(texts <= small_limits().max_texts, "no more texts than the limit");
  }
}

/// Counts what a reader tells, and looks whether each end has its beginning.
class counting_events final : public rpc::value_events {
public:
  bool on_nil() override { return scalar(); }
  bool on_bool(bool) override { return scalar(); }
  bool on_integer(std::int64_t) override { return scalar(); }
  bool on_large(std::uint64_t) override { return scalar(); }
  bool on_real(double) override { return scalar(); }
  bool on_text(std::string_view) override { return scalar(); }
  bool on_other() override { return scalar(); }
  bool on_map_begin() override { return begin('{'); }
  bool on_key(std::string_view) override {
    require(!open_.empty() && open_.back() == '{', "a key stands in a map");
    return true;
  }
  bool on_map_end() override { return end('{'); }
  bool on_array_begin() override { return begin('['); }
  bool on_array_end() override { return end('['); }

  bool closed() const { return open_.empty(); }
  std::size_t values() const { return values_; }
  std::size_t deepest() const { return deepest_; }

private:
  bool scalar() {
    ++values_;
    return true;
  }
  bool begin(char what) {
    ++values_;
    open_ += what;
    deepest_ = std::max(deepest_, open_.size());
    return true;
  }
  bool end(char what) {
    require(!open_.empty() && open_.back() == what, "an end has its beginning");
    open_.pop_back();
    return true;
  }

  std::string open_;
  std::size_t values_ = 0;
  std::size_t deepest_ = 0;
};

} // namespace xprober::fuzz
