#include "xprober/top/session.hpp"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <exception>
#include <stdexcept>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fcntl.h>
#include <unistd.h>

#include "xprober/base/signals.hpp"
#include "xprober/domain/time_text.hpp"
#include "xprober/net/tls.hpp"
#include "xprober/resolver/resolver.hpp"
#include "xprober/top/rescue.hpp"
#include "xprober/top/screen_text.hpp"
#include "xprober/top/terminal.hpp"

namespace xprober::top {

namespace asio = boost::asio;

namespace {

/// How long an answer may take.
constexpr std::chrono::seconds answer_patience{10};
/// A thousand rows with their labels.
constexpr std::uint64_t most_answer_bytes = std::uint64_t{8} << 20U;
/// Looking takes at most a tenth of the time, of this side and of the other.
constexpr int pause_factor = 9;
/// Rows from which on the last one is for the newest line of the log.
constexpr std::size_t rows_for_log = 12;

std::int64_t unix_now() { return to_unix_seconds(wall_clock::now()); }

/// The terminal, opened anew: Asio makes it non-blocking, which would be seen by all who have the
/// one at standard input, and after the end.
int open_keyboard() {
  const char* name = ::ttyname(STDIN_FILENO);
  const int opened = name == nullptr ? -1 : ::open(name, O_RDONLY | O_NOCTTY | O_CLOEXEC);
  return opened >= 0 ? opened : ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
}

} // namespace

std::optional<source> parse_source(std::string_view text, std::string& error) {
  const auto whole = (scheme_prefix(text) == 0 ? "http://" : "") + std::string{text};
  const auto url = parse_url(whole, error);
  if (!url) {
    return std::nullopt;
  }
  if (url->scheme != "http" && url->scheme != "https") {
    error = "the scheme must be http or https, not " + clean(url->scheme);
    return std::nullopt;
  }
  if (!url->userinfo.empty()) {
    error = "there can be no user in the URL; a token is given with --token-file";
    return std::nullopt;
  }
  source out;
  out.url = whole;
  out.origin = net::origin_of(*url);
  out.base_path = net::target_of(*url);
  out.base_path.resize(std::min(out.base_path.find('?'), out.base_path.size()));
  out.base_path.resize(out.base_path.find_last_not_of('/') + 1);
  return out;
}

struct session::impl {
  explicit impl(session_options how)
      : options(std::move(how)), resolver(context.get_executor()),
        sight(options.sources.at(0).url, options.first), wake(context), beat(context),
        keyboard(context), signals(context) {
    look_at(0);
    if (options.takes_signals) {
      for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
        signals.add(number);
      }
      note_signals();
    }
    if (options.screen) {
      signals.add(SIGWINCH);
      signals.add(SIGTSTP);
    } else {
      constexpr std::size_t whole_list = 1000;
      sight.resize(whole_list, whole_list);
    }
  }

  void look_at(std::size_t place) {
    current = place;
    const auto& whom = options.sources[place];
    client.emplace(context, resolver, whom.origin, whom.tls);
    sight.look_at(whom.url);
  }

  bool run() {
    try {
      begin();
      context.run();
    } catch (...) {
      end();
      screen.reset();
      context.restart();
      context.poll();
      throw;
    }
    screen.reset();
    signals.clear();
    if (options.takes_signals) {
      forget_noted_signal();
    }
    return sight.fresh();
  }

  void begin() {
    if (stopping) {
      return;
    }
    wait_for_signal();
    if (options.screen) {
      screen.emplace([this] { return stopping || noted_signal() != 0; });
      keyboard.assign(open_keyboard());
      measure();
      wait_for_key();
      wait_for_beat();
    }
    asio::co_spawn(context, refresh(), [this](const std::exception_ptr& thrown) {
      if (thrown) {
        end();
        std::rethrow_exception(thrown);
      }
    });
  }

  /// The rest ends by itself.
  void end() {
    stopping = true;
    wake.cancel();
    beat.cancel();
    signals.cancel();
    boost::system::error_code ignored;
    keyboard.close(ignored);
    client->stop();
    resolver.stop();
  }

  // -- asking

  asio::awaitable<void> round() {
    const auto questions = sight.questions();
    const auto& whom = options.sources[current];
    for (const auto& next : questions) {
      net::http_request_parts parts;
      parts.target = whom.base_path + next.path;
      parts.headers.emplace_back("Accept", "application/json");
      if (!whom.authorization.empty()) {
        parts.headers.emplace_back("Authorization", whom.authorization);
      }
      parts.repeatable = true;
      parts.limits.max_body = most_answer_bytes;
      const auto until = monotonic_clock::now() + answer_patience;
      const auto answer = co_await client->request(std::move(parts), until);
      if (stopping) {
        co_return;
      }
      if (!answer.ok()) {
        sight.failed(answer.error);
        co_return;
      }
      sight.take(next, answer.status, answer.body);
    }
  }

  asio::awaitable<void> refresh() {
    std::size_t tried = 1;
    while (!stopping) {
      const auto begun = monotonic_clock::now();
      const bool knew = sight.who() != role::unknown;
      co_await round();
      if (stopping) {
        co_return;
      }
      const bool good = sight.end_round(unix_now());
      if (good && !knew) {
        continue; // now there is something to ask
      }
      show();
      if (!good && !knew && options.sources.size() > 1) {
        look_at((current + 1) % options.sources.size());
        if (tried++ < options.sources.size()) {
          continue;
        }
      }
      if (options.once) {
        end();
        co_return;
      }
      if (sight.take_hurry()) {
        continue;
      }
      const auto took = monotonic_clock::now() - begun;
      boost::system::error_code woken;
      wake.expires_after(
          std::max<nanoseconds>(options.every, good ? pause_factor * took : nanoseconds{0}));
      co_await wake.async_wait(asio::redirect_error(asio::use_awaitable, woken));
      sight.take_hurry();
    }
  }

  // -- showing

  void show() {
    if (screen) {
      draw();
      return;
    }
    for (const auto& line : sight.plain_lines(unix_now())) {
      *options.out << line << '\n';
    }
    if (!options.out->flush()) {
      end();
    }
  }

  void measure() {
    size = screen->measure();
    draw();
  }

  void draw() {
    const auto log = size.rows >= rows_for_log ? last_held_error() : std::string{};
    sight.resize(size.columns, log.empty() ? size.rows : size.rows - 1);
    auto lines = sight.lines(unix_now());
    if (!log.empty()) {
      lines.push_back({cut(log, size.columns), look::faint});
    }
    screen->show(lines);
  }

  void wait_for_beat() {
    beat.expires_after(std::chrono::seconds{1});
    beat.async_wait([this](const boost::system::error_code& error) {
      if (!error && !stopping) {
        draw();
        wait_for_beat();
      }
    });
  }

  // -- what comes from outside

  void wait_for_key() {
    keyboard.async_wait(asio::posix::descriptor_base::wait_read,
                        [this](const boost::system::error_code& error) {
                          if (!error && !stopping) {
                            take_keys();
                          }
                        });
  }

  void take_keys() {
    bool any = false;
    while (const auto pressed = screen->read_key()) {
      sight.press(*pressed);
      any = true;
    }
    if (sight.ended() || (!any && screen->gone())) {
      by_user = true;
      end();
      return;
    }
    if (any) {
      draw();
      if (sight.wants_hurry()) {
        wake.cancel();
      }
    }
    wait_for_key();
  }

  void wait_for_signal() {
    signals.async_wait([this](const boost::system::error_code& error, int number) {
      if (error || stopping) {
        return;
      }
      if (number == SIGTSTP) {
        screen->suspend();
        measure();
      } else if (number == SIGWINCH) {
        measure();
      } else {
        end();
        return;
      }
      wait_for_signal();
    });
  }

  session_options options;
  asio::io_context context{1};
  dns::resolver resolver;
  std::optional<net::http_client> client;
  std::size_t current = 0; ///< of the sources
  view sight;
  std::optional<terminal> screen;
  terminal::extent size;
  asio::steady_timer wake; ///< the next round
  asio::steady_timer beat; ///< ages are drawn anew
  asio::posix::stream_descriptor keyboard;
  asio::signal_set signals;
  std::atomic<bool> stopping{false};
  std::atomic<bool> by_user{false};
};

session::session(session_options options) : impl_(std::make_unique<impl>(std::move(options))) {}

session::~session() = default;

bool session::run() { return impl_->run(); }

void session::stop() {
  asio::post(impl_->context, [this] {
    if (!impl_->stopping) {
      impl_->end();
    }
  });
}

bool session::ended_by_user() const noexcept { return impl_->by_user; }

} // namespace xprober::top
