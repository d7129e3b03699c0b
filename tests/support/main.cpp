// The one unit of each test program that holds the test framework's main().
#define CAF_SUITE main
#include "caf/test/unit_test_impl.hpp"
