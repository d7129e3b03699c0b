#include "xprober/rpc/msgpack_frame.hpp"

#include "xprober/rpc/msgpack_head.hpp"

namespace xprober::rpc {

std::string_view to_string(frame_status status) noexcept {
  switch (status) {
  case frame_status::need_more: return "cut short";
  case frame_status::complete: return "complete";
  case frame_status::malformed: return "no MessagePack";
  case frame_status::too_large: return "above the size limit";
  case frame_status::too_deep: return "nested too deeply";
  }
  return "unknown";
}

frame_status frame_scanner::scan(std::string_view bytes) {
  while (missing_ > 0) {
    if (position_ >= bytes.size()) {
      return frame_status::need_more;
    }
    msgpack_head head;
    switch (read_head(bytes.substr(position_), head)) {
    case head_status::need_more: return frame_status::need_more;
    case head_status::malformed: return frame_status::malformed;
    case head_status::ok: break;
    }
    --missing_;
    if (!open_.empty()) {
      --open_.back();
    }
    if (head.payload_bytes > limits_.max_bytes) {
      return frame_status::too_large;
    }
    position_ += head.head_bytes + static_cast<std::size_t>(head.payload_bytes);
    const auto values = head.kind == msgpack_kind::map ? 2 * head.items : head.items;
    if (const auto status = enter(values); status != frame_status::complete) {
      return status;
    }
  }
  return position_ <= bytes.size() ? frame_status::complete : frame_status::need_more;
}

frame_status frame_scanner::enter(std::uint64_t values) {
  if (values > 0) {
    if (open_.size() >= limits_.max_depth) {
      return frame_status::too_deep;
    }
    open_.push_back(values);
    missing_ += values;
  }
  while (!open_.empty() && open_.back() == 0) {
    open_.pop_back();
  }
  // Every missing value takes at least a byte.
  const bool fits = position_ <= limits_.max_bytes && missing_ <= limits_.max_bytes - position_;
  return fits ? frame_status::complete : frame_status::too_large;
}

void frame_scanner::reset() noexcept {
  position_ = 0;
  open_.clear();
  missing_ = 1;
}

} // namespace xprober::rpc
