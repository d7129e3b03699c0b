#include "xprober/app/command_line.hpp"
#include "xprober/base/descriptors.hpp"
#include "xprober/base/signals.hpp"

int main(int argc, char** argv) {
  xprober::hold_signals();
  xprober::ignore_broken_pipes();
  xprober::fill_standard_descriptors();
  return xprober::app::run(argc, argv);
}
