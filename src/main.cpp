#include "xprober/app/command_line.hpp"

int main(int argc, char** argv) { return xprober::app::run(argc, argv); }
