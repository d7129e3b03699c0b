#include "xprober/top/terminal.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <clocale>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <langinfo.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>

#include "xprober/top/rescue.hpp"
#include "xprober/top/screen_text.hpp"

// Last of all: it has macros of names that others have for other things.
#define NCURSES_NOMACROS 1
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <term.h>
#undef columns
#undef lines
#undef tab

namespace xprober::top {

namespace {

/// How often who waits for a terminal that takes nothing looks whether to give up.
constexpr int screen_poll_ms = 100;
/// How long a lone Esc may be the beginning of a key.
constexpr int escape_ms = 25;

/// Signals are the callers': what curses takes while it begins is given back.
class kept_signals {
public:
  kept_signals() {
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      ::sigaction(numbers[i], nullptr, &before_[i]);
    }
  }
  ~kept_signals() {
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      ::sigaction(numbers[i], &before_[i], nullptr);
    }
  }
  kept_signals(const kept_signals&) = delete;
  kept_signals& operator=(const kept_signals&) = delete;

private:
  static constexpr std::array numbers{SIGINT, SIGTERM, SIGTSTP, SIGWINCH};
  std::array<struct sigaction, numbers.size()> before_{};
};

bool has_capability(const char* name) {
  const char* text = ::tigetstr(name);
  return text != nullptr && std::bit_cast<std::intptr_t>(text) != -1;
}

/// https://no-color.org: set, and not empty.
bool wants_colour() {
  const char* refused = std::getenv("NO_COLOR");
  return refused == nullptr || *refused == '\0';
}

attr_t attribute_of(look how) {
  switch (how) {
  case look::plain: return WA_NORMAL;
  case look::title:
  case look::bad: return WA_BOLD;
  case look::good:
  case look::warning: return WA_NORMAL;
  case look::faint: return WA_DIM;
  }
  return WA_NORMAL;
}

/// Of the colours that `impl` has made.
short pair_of(look how) {
  switch (how) {
  case look::good: return 1;
  case look::bad: return 2;
  case look::warning: return 3;
  default: return 0;
  }
}

std::optional<key> named_key(wint_t code) {
  switch (code) {
  case KEY_UP: return key::up;
  case KEY_DOWN: return key::down;
  case KEY_PPAGE: return key::page_up;
  case KEY_NPAGE: return key::page_down;
  case KEY_HOME: return key::first;
  case KEY_END: return key::last;
  case KEY_ENTER: return key::enter;
  case KEY_BACKSPACE: return key::erase;
  default: return std::nullopt;
  }
}

void append_utf8(std::string& out, std::uint32_t code) {
  const auto tail = [&](unsigned shift) {
    out += static_cast<char>(0x80U | ((code >> shift) & 0x3FU));
  };
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0U | (code >> 6U));
    tail(0);
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0U | (code >> 12U));
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xF0U | (code >> 18U));
    tail(12);
    tail(6);
    tail(0);
  }
}

std::optional<key_press> typed_key(wint_t code) {
  switch (code) {
  case '\r':
  case '\n': return key_press{key::enter};
  case '\t': return key_press{key::tab};
  case 27: return key_press{key::escape};
  case 8:
  case 127: return key_press{key::erase};
  default: break;
  }
  if (code < 0x20 || (code >= 0x80 && code < 0xA0) || code > 0x10FFFF) {
    return std::nullopt;
  }
  key_press pressed;
  append_utf8(pressed.text, code);
  return pressed;
}

} // namespace

/// What curses writes goes into a file in memory, and from there to the terminal: curses itself
/// would wait for a terminal that takes nothing for as long as that lasts, whatever comes.
struct terminal::impl {
  explicit impl(std::function<bool()> asked) : gives_up(std::move(asked)) {
    const kept_signals signals;
    const int memory = ::memfd_create("screen", MFD_CLOEXEC);
    out = memory < 0 ? nullptr : ::fdopen(memory, "r+");
    screen = out == nullptr ? nullptr : ::newterm(nullptr, out, stdin);
    if (screen == nullptr || ::tcgetattr(STDIN_FILENO, &modes) != 0) {
      close();
      throw std::runtime_error("this terminal cannot show a full screen");
    }
    utf8 = std::string_view{::nl_langinfo(CODESET)} == "UTF-8";
    ::noecho();
    ::typeahead(-1);
    ::nodelay(stdscr, TRUE);
    ::keypad(stdscr, TRUE);
    ::set_escdelay(escape_ms);
    ::curs_set(0);
    // The other form of keys that terminals send, whatever mode they are in.
    for (const auto& [text, code] : {std::pair{"\033[A", KEY_UP}, std::pair{"\033[B", KEY_DOWN},
                                     std::pair{"\033OA", KEY_UP}, std::pair{"\033OB", KEY_DOWN},
                                     std::pair{"\033[H", KEY_HOME}, std::pair{"\033[F", KEY_END}}) {
      ::define_key(text, code);
    }
    colours = wants_colour() && ::has_colors() && ::start_color() == OK;
    if (colours) {
      const bool own = ::use_default_colors() == OK;
      const short background = own ? -1 : COLOR_BLACK;
      ::init_pair(1, COLOR_GREEN, background);
      ::init_pair(2, COLOR_RED, background);
      ::init_pair(3, COLOR_YELLOW, background);
    }
    arm_rescue(modes, farewell());
    hold_errors();
    take();
  }

  ~impl() {
    give_back();
    disarm_rescue();
    release_errors();
    close();
  }
  impl(const impl&) = delete;
  impl& operator=(const impl&) = delete;

  void close() {
    if (screen != nullptr) {
      ::delscreen(screen);
    }
    if (out != nullptr) {
      std::fclose(out);
    }
  }

  /// Keys come one by one and unseen; signals from the keyboard stay.
  void take() {
    auto ours = modes;
    ours.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    ours.c_cc[VMIN] = 1;
    ours.c_cc[VTIME] = 0;
    ::tcsetattr(STDIN_FILENO, TCSANOW, &ours);
    resize();
  }

  void give_back() {
    ::endwin();
    flush();
    ::tcsetattr(STDIN_FILENO, TCSANOW, &modes);
  }

  static std::string farewell() {
    std::string all;
    for (const auto* name : {"sgr0", "cnorm", "rmcup", "rmkx"}) {
      all += has_capability(name) ? ::tigetstr(name) : "";
    }
    return all;
  }

  extent resize() {
    extent now;
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0) {
      now = {size.ws_col, size.ws_row};
    }
    ::resizeterm(static_cast<int>(now.rows), static_cast<int>(now.columns));
    // Curses, whose output is no terminal, has set the margins for the size that its book says.
    if (has_capability("csr")) {
      ::putp(::tparm(::tigetstr("csr"), 0, static_cast<int>(now.rows) - 1));
    }
    ::clearok(curscr, TRUE);
    return now;
  }

  void flush() {
    std::fflush(out);
    const int memory = ::fileno(out);
    const auto size = ::lseek(memory, 0, SEEK_END);
    std::string all(size > 0 ? static_cast<std::size_t>(size) : 0, '\0');
    const auto got = ::pread(memory, all.data(), all.size(), 0);
    all.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    if (std::fseek(out, 0, SEEK_SET) == 0 && ::ftruncate(memory, 0) == 0) {
      write(all);
    }
  }

  void write(std::string_view rest) {
    while (!rest.empty()) {
      pollfd room{STDOUT_FILENO, POLLOUT, 0};
      if (::poll(&room, 1, screen_poll_ms) <= 0) {
        if (gives_up && gives_up()) {
          return;
        }
        continue;
      }
      // No more than there is room for at once: a write of more would wait.
      const auto wrote =
          ::write(STDOUT_FILENO, rest.data(), std::min<std::size_t>(rest.size(), 512));
      if (wrote >= 0) {
        rest.remove_prefix(static_cast<std::size_t>(wrote));
      } else if (errno != EINTR && errno != EAGAIN) {
        hung_up = true;
        return;
      }
    }
  }

  std::function<bool()> gives_up;
  FILE* out = nullptr;
  SCREEN* screen = nullptr;
  termios modes{}; ///< as they were
  bool colours = false;
  bool utf8 = false;
  bool hung_up = false;
};

bool terminal::usable() {
  std::setlocale(LC_CTYPE, "");
  return ::isatty(STDIN_FILENO) == 1 && addressable();
}

bool terminal::addressable() {
  int error = 0;
  if (::isatty(STDOUT_FILENO) != 1 || ::setupterm(nullptr, STDOUT_FILENO, &error) != OK) {
    return false;
  }
  const bool enough = has_capability("cup") && has_capability("clear");
  ::del_curterm(cur_term);
  return enough;
}

terminal::terminal(std::function<bool()> gives_up)
    : impl_(std::make_unique<impl>(std::move(gives_up))) {}

terminal::~terminal() = default;

terminal::extent terminal::measure() { return impl_->resize(); }

void terminal::show(const std::vector<screen_line>& lines) {
  ::werase(stdscr);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto& line = lines[i];
    const auto text = impl_->utf8 ? line.text : in_ascii(line.text);
    const short pair = impl_->colours ? pair_of(line.how) : short{0};
    const auto attributes = attribute_of(line.how) | (line.selected ? WA_REVERSE : WA_NORMAL);
    const int row = static_cast<int>(i);
    ::wattr_set(stdscr, attributes, pair, nullptr);
    ::mvwaddnstr(stdscr, row, 0, text.data(), static_cast<int>(text.size()));
    if (line.selected) {
      ::mvwchgat(stdscr, row, 0, -1, attributes, pair, nullptr); // to the edge
    }
  }
  ::wattr_set(stdscr, WA_NORMAL, 0, nullptr);
  ::wnoutrefresh(stdscr);
  ::doupdate();
  bound_held_errors();
  impl_->flush();
}

std::optional<key_press> terminal::read_key() {
  wint_t code = 0;
  for (int what = 0; (what = ::wget_wch(stdscr, &code)) != ERR;) {
    if (what == KEY_CODE_YES) {
      if (const auto named = named_key(code)) {
        return key_press{*named};
      }
    } else if (auto typed = typed_key(code)) {
      return typed;
    }
  }
  return std::nullopt;
}

bool terminal::gone() const noexcept {
  pollfd input{STDIN_FILENO, POLLIN, 0};
  int waiting = 1;
  const bool ready = ::poll(&input, 1, 0) > 0;
  return impl_->hung_up || (ready && ((input.revents & (POLLHUP | POLLERR)) != 0 ||
                                      ::ioctl(STDIN_FILENO, FIONREAD, &waiting) != 0));
}

void terminal::suspend() {
  impl_->give_back();
  ::kill(::getpid(), SIGSTOP);
  // Somebody else has had it meanwhile, and may have changed it.
  ::tcgetattr(STDIN_FILENO, &impl_->modes);
  arm_rescue(impl_->modes, impl::farewell());
  impl_->take();
}

} // namespace xprober::top
