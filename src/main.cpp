#include <csignal>

#include "xprober/app/command_line.hpp"

int main(int argc, char** argv) {
  // Before anything is written to a peer: one that goes must not end the process.
  std::signal(SIGPIPE, SIG_IGN);
  return xprober::app::run(argc, argv);
}
