# xprober_site(TARGET): embeds the pages of the folder web/ in a library. They are bundled by node, with
# packages that npm brings. Where one of these is missing, the build warns and a plain page is embedded.
find_program(XPROBER_NODE NAMES node nodejs)
find_program(XPROBER_NPM NAMES npm)

set(XPROBER_SITE_WORK "${PROJECT_BINARY_DIR}/web")

function(xprober_site target)
  file(REAL_PATH "${PROJECT_SOURCE_DIR}/web" web)
  set(made "${CMAKE_CURRENT_BINARY_DIR}/web/site_files.cpp")
  set(script "${PROJECT_SOURCE_DIR}/cmake/embed_site.cmake")
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${web}/src/*" "${web}/test/*")
  file(GLOB settings CONFIGURE_DEPENDS "${web}/*.mjs" "${web}/*.mts" "${web}/*.json" "${web}/*.html")
  # The stamp is there after a success alone: what has failed is tried again by the next build.
  add_custom_command(
    OUTPUT "${made}" "${XPROBER_SITE_WORK}/site.stamp"
    COMMAND "${CMAKE_COMMAND}" "-DNODE=${XPROBER_NODE}" "-DNPM=${XPROBER_NPM}"
            "-DTESTS=${XPROBER_TESTS}" "-DWEB=${web}" "-DWORK=${XPROBER_SITE_WORK}" "-DOUT=${made}"
            -P "${script}"
    DEPENDS ${sources} ${settings} "${web}/.npmrc" "${script}"
    COMMENT "Bundling the pages"
    VERBATIM)
  target_sources(${target} PRIVATE "${made}")
  # Nothing but bytes: no headers of others, and no names that others must not have.
  set_source_files_properties("${made}" PROPERTIES
    SKIP_PRECOMPILE_HEADERS ON SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()
