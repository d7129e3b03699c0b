#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "xprober/probes/http/response_reader.hpp"
#include "xprober/probes/http/summary.hpp"
#include "xprober/probes/http/trace.hpp"

namespace xprober::http {

/// Gathers what an HTTP probe tells to who asked for it, over all its hops.
class story_writer {
public:
  /// A name was resolved, which took so long.
  void resolved(nanoseconds took);

  /// The last answer, as far as it was read.
  void answered(const response_reader& reader, bool over_tls);

  /// A hop has ended; gives its phases as the fields of a line.
  std::vector<std::pair<std::string, std::string>> hop_done(const phase_trace& trace,
                                                            std::uint16_t number);

  /// All of it; the writer is empty afterwards.
  std::shared_ptr<const http_story> take() {
    return std::exchange(story_, std::make_shared<http_story>());
  }

private:
  void add(http_phase phase, nanoseconds took);

  std::shared_ptr<http_story> story_ = std::make_shared<http_story>();
};

} // namespace xprober::http
