# What the module's CMakeLists.txt needs of Slicer's macros to be gathered without a Slicer tree:
# its files are copied to <build>/SpinoPelvic, and installed from there.
set(Slicer_QTSCRIPTEDMODULES_LIB_DIR SpinoPelvic)

function(slicerMacroBuildScriptedModule)
  cmake_parse_arguments(MODULE "WITH_GENERIC_TESTS" "NAME" "SCRIPTS;RESOURCES" ${ARGN})
  set(folder ${CMAKE_BINARY_DIR}/${Slicer_QTSCRIPTEDMODULES_LIB_DIR})
  foreach(file IN LISTS MODULE_SCRIPTS MODULE_RESOURCES)
    set(place ${file})
    if(IS_ABSOLUTE ${file})
      # A file that the build made keeps its place relative to the build folder, as in Slicer.
      file(RELATIVE_PATH place ${CMAKE_CURRENT_BINARY_DIR} ${file})
    endif()
    configure_file(${file} ${folder}/${place} COPYONLY)
  endforeach()
  install(DIRECTORY ${folder}/ DESTINATION ${MODULE_NAME} PATTERN __pycache__ EXCLUDE)
endfunction()
