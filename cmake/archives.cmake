# What few commands use and what reads nothing from strangers is linked as an archive where the system has one:
# each shared library costs every process 0.1 to 0.3 MB and time at its start, used or not. (Not ncurses: Debian
# wants it shared, and lintian says so.)
find_library(XPROBER_YAML_CPP_ARCHIVE libyaml-cpp.a)
mark_as_advanced(XPROBER_YAML_CPP_ARCHIVE)
set(XPROBER_YAML_CPP yaml-cpp)
if(XPROBER_YAML_CPP_ARCHIVE)
  set(XPROBER_YAML_CPP "${XPROBER_YAML_CPP_ARCHIVE}")
endif()
