# Finds the actor framework's core library, which Debian ships without a CMake package.
# XPROBER_CAF_ROOT is a folder of scripts/build_caf.sh whose library is taken in its place.
# Defines CAF_VERSION and the target CAF::core.
find_path(CAF_INCLUDE_DIR NAMES caf/all.hpp)
if(XPROBER_CAF_ROOT)
  # Headers are the installed ones, and what is not there is not looked for elsewhere.
  unset(CAF_CORE_LIBRARY CACHE)
  find_library(CAF_CORE_LIBRARY NAMES caf_core PATHS "${XPROBER_CAF_ROOT}/lib" NO_DEFAULT_PATH)
  if(NOT CAF_CORE_LIBRARY)
    message(FATAL_ERROR "There is no libcaf_core in XPROBER_CAF_ROOT, ${XPROBER_CAF_ROOT}/lib: ./dev tsan "
                        "and scripts/build_caf.sh build one")
  endif()
else()
  find_library(CAF_CORE_LIBRARY NAMES caf_core)
endif()

if(CAF_INCLUDE_DIR AND EXISTS "${CAF_INCLUDE_DIR}/caf/config.hpp")
  file(STRINGS "${CAF_INCLUDE_DIR}/caf/config.hpp" _caf_version_line
       REGEX "#define CAF_VERSION +[0-9]+")
  string(REGEX REPLACE ".*CAF_VERSION +([0-9]+).*" "\\1" _caf_number "${_caf_version_line}")
  if(_caf_number MATCHES "^[0-9]+$")
    math(EXPR _caf_major "${_caf_number} / 10000")
    math(EXPR _caf_minor "(${_caf_number} / 100) % 100")
    math(EXPR _caf_patch "${_caf_number} % 100")
    set(CAF_VERSION "${_caf_major}.${_caf_minor}.${_caf_patch}")
  endif()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(CAF
  REQUIRED_VARS CAF_CORE_LIBRARY CAF_INCLUDE_DIR
  VERSION_VAR CAF_VERSION)

if(CAF_FOUND AND NOT TARGET CAF::core)
  add_library(CAF::core SHARED IMPORTED)
  set_target_properties(CAF::core PROPERTIES
    IMPORTED_LOCATION "${CAF_CORE_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${CAF_INCLUDE_DIR}")
endif()
mark_as_advanced(CAF_INCLUDE_DIR CAF_CORE_LIBRARY)
