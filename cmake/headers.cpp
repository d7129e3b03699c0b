// Compiles what xprober_headers (cmake/modules.cmake) names, and nothing else.
