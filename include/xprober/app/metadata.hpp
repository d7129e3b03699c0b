#pragma once

#include <chrono>
#include <string>

#include "xprober/config/identity.hpp"

namespace xprober::app {

/// Asks an EC2 metadata service for the zone this machine is in and takes the region from it:
/// with a session token (IMDSv2), which may take half of the time, else without (IMDSv1). See
/// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html.
/// `metadata_url` is "http://" and a numeric address. Blocks for `limit` at the longest.
config::found_text detect_region(const std::string& metadata_url,
                                 std::chrono::milliseconds limit = std::chrono::seconds{2});

} // namespace xprober::app
