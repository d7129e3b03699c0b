#pragma once

namespace xprober::app {

/// The whole program: reads the command line, runs the command, gives the exit status: 0 fine,
/// 1 something that was asked for failed, 2 bad usage or wrong configuration.
int run(int argc, char** argv);

} // namespace xprober::app
