#pragma once

namespace xprober {

/// A flag that is true while this stands, however that ends.
struct flag_while {
  explicit flag_while(bool& flag) : flag_(flag) { flag_ = true; }
  ~flag_while() { flag_ = false; }
  flag_while(const flag_while&) = delete;
  flag_while& operator=(const flag_while&) = delete;

private:
  bool& flag_;
};

} // namespace xprober
