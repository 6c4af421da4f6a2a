# A room is a folder: its .cc files are one static library, its *_test.cc files one test program.
#
#   swarmcast_room(engine_link PATH engine/link DEPENDS engine_wire engine_base)
#
# gives the targets engine_link and, if there are tests, engine_link_test (registered with CTest).
include(GoogleTest)

add_library(swarmcast_flags INTERFACE)
target_include_directories(swarmcast_flags INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(swarmcast_flags INTERFACE -Wall -Wextra -Wshadow -Wnon-virtual-dtor
                                                 -Wno-missing-field-initializers)
if(SWARMCAST_SANITIZE)
  # The engine has no run-time type information, which the check of virtual tables would need.
  target_compile_options(swarmcast_flags INTERFACE -fsanitize=address,undefined -fno-sanitize=vptr
                                                   -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(swarmcast_flags INTERFACE -fsanitize=address,undefined)
endif()

find_package(GTest REQUIRED)

# Every test program of an engine room: what the sanitizer run builds.
add_custom_target(engine_tests)

# Most of the time a test takes to compile goes into reading GoogleTest and the standard library. So
# eight files are compiled as one, in a third of the time; names in the unnamed namespaces of a
# program's files must differ. Off, each file is by itself, also in compile_commands.json.
option(SWARMCAST_BATCH_TESTS "Compile several test files in one go" ON)

# For what is compiled as often as it runs: a test takes a quarter less time to compile than with
# -O2, and runs as fast. (With -O0 the worlds of the engine's tests take several times as long.)
function(swarmcast_compile_quickly target)
  target_compile_options(${target} PRIVATE -O1)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ${SWARMCAST_BATCH_TESTS}
                                             UNITY_BUILD_BATCH_SIZE 8)
endfunction()

# Registers the tests of a GoogleTest program with CTest, with `LABELS x` and other properties, and
# `TEST_FILTER x` at the end for those only that GoogleTest's filter lets through.
# Listing them may take long on a busy machine that loads FFmpeg for the first time.
function(swarmcast_add_tests target prefix)
  swarmcast_compile_quickly(${target})
  gtest_discover_tests(${target} TEST_PREFIX "${prefix}." DISCOVERY_TIMEOUT 60
                       PROPERTIES TIMEOUT 120 ${ARGN})
endfunction()

function(swarmcast_room name)
  cmake_parse_arguments(ARG "ENGINE" "PATH" "DEPENDS;TEST_DEPENDS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${ARG_PATH}/*.cc)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  if(sources)
    add_library(${name} STATIC ${sources})
    target_link_libraries(${name} PUBLIC swarmcast_flags ${ARG_DEPENDS})
    if(ARG_ENGINE)
      target_compile_options(${name} PRIVATE -fno-exceptions -fno-rtti)
    endif()
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE swarmcast_flags ${ARG_DEPENDS})
  endif()
  if(tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE ${name} ${ARG_TEST_DEPENDS} GTest::gtest_main)
    target_compile_definitions(${name}_test
                               PRIVATE SWARMCAST_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    # A label for `ctest -L`: the engine's tests run again under the sanitizers.
    set(label unit)
    if(ARG_ENGINE)
      set(label engine)
      add_dependencies(engine_tests ${name}_test)
    endif()
    swarmcast_add_tests(${name}_test ${name} LABELS ${label})
  endif()
endfunction()
