# Bundles Sagittal's anatomy with its definitions, compiled from configs/, and its rules for headers into the module, so
# that it needs nothing installed in Slicer. Sets BUNDLED_SCRIPTS to the copied files.
get_filename_component(SAGITTAL_ROOT ${CMAKE_CURRENT_LIST_DIR}/../.. ABSOLUTE)
set(_bundle SpinoPelvicLib/bundled)

file(GLOB_RECURSE _sources CONFIGURE_DEPENDS RELATIVE ${SAGITTAL_ROOT}/lib
  ${SAGITTAL_ROOT}/lib/sagittal/anatomy/*.py
  ${SAGITTAL_ROOT}/lib/sagittal/header/*.py
  )
list(PREPEND _sources sagittal/__init__.py)
set(BUNDLED_SCRIPTS)
foreach(source IN LISTS _sources)
  configure_file(${SAGITTAL_ROOT}/lib/${source} ${CMAKE_CURRENT_BINARY_DIR}/${_bundle}/${source} COPYONLY)
  list(APPEND BUNDLED_SCRIPTS ${CMAKE_CURRENT_BINARY_DIR}/${_bundle}/${source})
endforeach()

# The compiler needs pydantic and PyYAML; the project's own environment has them.
if(EXISTS ${SAGITTAL_ROOT}/.venv/bin/python)
  set(_python ${SAGITTAL_ROOT}/.venv/bin/python)
else()
  set(_python python3)
endif()
set(SAGITTAL_PYTHON ${_python} CACHE FILEPATH "Python 3.11 or later with pydantic and PyYAML, run while configuring")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
  ${SAGITTAL_ROOT}/configs/clinical.yaml
  ${SAGITTAL_ROOT}/configs/labels.yaml
  ${SAGITTAL_ROOT}/configs/parameters.yaml
  )
# Straight to where the module is gathered: Slicer's macro takes resources from the source folder alone.
set(_definitions ${CMAKE_BINARY_DIR}/${Slicer_QTSCRIPTEDMODULES_LIB_DIR}/${_bundle}/sagittal/anatomy/definitions.json)
get_filename_component(_folder ${_definitions} DIRECTORY)
file(MAKE_DIRECTORY ${_folder})
execute_process(
  COMMAND ${CMAKE_COMMAND} -E env PYTHONPATH=${SAGITTAL_ROOT}/lib PYTHONDONTWRITEBYTECODE=1
    ${SAGITTAL_PYTHON} -m sagittal.configuration.compile ${SAGITTAL_ROOT}/configs ${_definitions}
  RESULT_VARIABLE _failed
  ERROR_VARIABLE _reason
  )
if(_failed)
  message(FATAL_ERROR
    "configs/ could not be compiled with ${SAGITTAL_PYTHON}. Run `make setup` first, or give a Python that has "
    "pydantic and PyYAML: -DSAGITTAL_PYTHON=...\n${_reason}"
    )
endif()
