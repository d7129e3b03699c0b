#include "xprober/rpc/msgpack_reader.hpp"

#include <bit>
#include <limits>
#include <vector>

#include "xprober/rpc/msgpack_frame.hpp"
#include "xprober/rpc/msgpack_head.hpp"

namespace xprober::rpc {

namespace {

class reader {
public:
  reader(std::string_view bytes, std::size_t max_depth, value_events& events)
      : rest_(bytes), max_depth_(max_depth), events_(events) {}

  std::string run() {
    do {
      msgpack_head head;
      const auto status = read_head(rest_, head);
      if (status == head_status::malformed) {
        return problem(frame_status::malformed);
      }
      if (status == head_status::need_more || head.payload_bytes > rest_.size() - head.head_bytes) {
        return problem(frame_status::need_more);
      }
      rest_.remove_prefix(head.head_bytes);
      const auto payload = rest_.substr(0, static_cast<std::size_t>(head.payload_bytes));
      rest_.remove_prefix(payload.size());
      if (!take(head, payload)) {
        return error_;
      }
    } while (!open_.empty());
    return rest_.empty() ? std::string{} : "bytes stand behind the value";
  }

private:
  struct container {
    std::uint64_t values_left;
    bool map;
  };

  static std::string problem(frame_status status) {
    return "the message is " + std::string{to_string(status)};
  }

  bool take(const msgpack_head& head, std::string_view payload) {
    const bool is_container = head.kind == msgpack_kind::array || head.kind == msgpack_kind::map;
    const bool is_key = !open_.empty() && open_.back().map && open_.back().values_left % 2 == 0;
    if (!open_.empty()) {
      --open_.back().values_left;
    }
    if (is_key) {
      if (is_container) {
        error_ = "a map has a key that is not a text";
        return false;
      }
      return events_.on_key(head.kind == msgpack_kind::text ? payload : std::string_view{});
    }
    const bool goes_on = is_container ? begin(head) : scalar(head, payload);
    return goes_on && close_finished();
  }

  bool begin(const msgpack_head& head) {
    if (open_.size() >= max_depth_) {
      error_ = problem(frame_status::too_deep);
      return false;
    }
    const bool map = head.kind == msgpack_kind::map;
    open_.push_back({map ? 2 * head.items : head.items, map});
    return map ? events_.on_map_begin() : events_.on_array_begin();
  }

  bool close_finished() {
    while (!open_.empty() && open_.back().values_left == 0) {
      const bool map = open_.back().map;
      open_.pop_back();
      if (!(map ? events_.on_map_end() : events_.on_array_end())) {
        return false;
      }
    }
    return true;
  }

  bool scalar(const msgpack_head& head, std::string_view payload) {
    constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    switch (head.kind) {
    case msgpack_kind::nil: return events_.on_nil();
    case msgpack_kind::boolean: return events_.on_bool(head.bits != 0);
    case msgpack_kind::unsigned_int:
      return head.bits > most ? events_.on_large(head.bits)
                              : events_.on_integer(static_cast<std::int64_t>(head.bits));
    case msgpack_kind::signed_int:
      return events_.on_integer(std::bit_cast<std::int64_t>(head.bits));
    case msgpack_kind::float32:
      return events_.on_real(
          static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(head.bits))));
    case msgpack_kind::float64: return events_.on_real(std::bit_cast<double>(head.bits));
    case msgpack_kind::text: return events_.on_text(payload);
    default: return events_.on_other();
    }
  }

  std::string_view rest_;
  std::size_t max_depth_;
  value_events& events_;
  std::vector<container> open_;
  std::string error_;
};

} // namespace

std::string read_msgpack(std::string_view bytes, std::size_t max_depth, value_events& events) {
  return reader{bytes, max_depth, events}.run();
}

} // namespace xprober::rpc
