#pragma once

#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>

#include "xprober/domain/targets/discovery_io.hpp"

namespace xprober::service_discovery {

/// Files, the network and the state directory. `context` must outlive it; `state_dir` may be empty:
/// nothing is kept for the next start then.
std::shared_ptr<discovery_io> make_io(boost::asio::io_context& context,
                                      const std::string& state_dir);

} // namespace xprober::service_discovery
