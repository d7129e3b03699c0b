#pragma once

#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "xprober/probes/http/cookies.hpp"
#include "xprober/probes/http/hop_session.hpp"
#include "xprober/probes/http/response_reader.hpp"
#include "xprober/probes/http/story_writer.hpp"

namespace xprober::http {

/// The engine's own counters, by their place in `stream_counters::own`.
enum class own_count : std::size_t { redirects, body_bytes };

/// One HTTP probe: the hops of its redirects, each on a connection of its own, and what the last
/// answer is worth.
class session final : public hop_session {
public:
  session(const stream::services& use, std::shared_ptr<const probe_settings> settings,
          stream::job&& work)
      : hop_session(use, std::move(settings), std::move(work)) {}

protected:
  task<void> probe() override;
  void measured(bool ok) override;

private:
  /// Where a redirect has led.
  struct redirected {
    http_url url;
    std::string method;
  };

  const http_url& asked() const noexcept { return redirected_ ? redirected_->url : first_; }
  const std::string& method() const noexcept {
    return redirected_ ? redirected_->method : config().method;
  }

  void begin_story();
  bool read_target();
  void note_resolved();
  void begin_exchange();
  task<bool> exchange();
  task<void> send();
  void sent();
  void send_meanwhile();
  task<void> end_sending();
  http_url as_named(const http_url& url) const;
  std::string request_text() const;
  void begin_reading(std::string_view begin);
  bool take(const io_result& got);
  bool take_first(const io_result& got);
  bool take_bytes(const io_result& got);
  bool is_end_of_refusal(const error_code& error) const;
  void take_head();
  bool refused_by_proxy();
  bool follows();
  void follow(http_url next, std::string next_method);
  judged_response answer() const;
  task<void> judge_elsewhere();
  void judged(std::optional<response_checks::failure> wrong);
  void close_hop();
  void count(own_count what, std::uint64_t more) const;

  std::unique_ptr<redirected> redirected_; ///< null: the first hop
  std::string request_;                    ///< of the hop, until it was sent
  bool is_long_ = false;                   ///< so it was: longer than what is sent at once
  error_code unsent_;                      ///< why not all of it could be sent
  bool answering_ = false;                 ///< something of the answer has come
  bool sending_ = false;                   ///< it is sent by a coroutine of its own
  std::exception_ptr thrown_;              ///< by that one
  cookie_jar cookies_;
  std::optional<response_reader> reader_; ///< of the hop's response, once something of it came
  bool with_body_ = true;                 ///< no redirect has changed the method
  std::optional<story_writer> more_;      ///< for who asked for the probe
};

} // namespace xprober::http
