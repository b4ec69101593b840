# Compiler, warnings, sanitizers and the compile-time tools (ccache, mold) for every target.
option(PERCH_WERROR "Warnings are errors" ON)
option(PERCH_GUI "Build the console and its tests (Qt 6)" ON)
set(PERCH_SANITIZE "" CACHE STRING "Value of -fsanitize, empty for none")

option(PERCH_UNITY "Compile the sources of a target in groups: a clean build takes less than half as long" OFF)
set(PERCH_UNITY_GROUP 8 CACHE STRING "Sources in a group; a large number shows every name that is twice in a target")

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_COMPILE_OPTIONS_PIE -fPIC) # the same code for programs and libraries, so that they share precompiled headers
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()

# Paths relative to the source folder, so that a second clone finds the objects of the first.
find_program(PERCH_CCACHE ccache)
if(PERCH_CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER
        ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
        CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${PERCH_CCACHE})
endif()

find_program(PERCH_MOLD mold)
if(PERCH_MOLD)
    add_link_options(-fuse-ld=mold)
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wconversion
    -Wno-sign-conversion -Wno-missing-field-initializers -fno-omit-frame-pointer -fvisibility=hidden -fpch-preprocess)
if(PERCH_UNITY)
    add_compile_options(-Wno-subobject-linkage) # a private struct over an unnamed namespace, in one source all the same
endif()
if(PERCH_WERROR)
    add_compile_options(-Werror)
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Debug")
    # Line tables are enough for a stack trace and halve the object files.
    add_compile_options(-g1 -O0)
endif()
if(PERCH_SANITIZE)
    # Compiles as quickly as -O0 and runs several times faster.
    add_compile_options(-Og)
    add_compile_options(-fsanitize=${PERCH_SANITIZE} -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${PERCH_SANITIZE})
    if(PERCH_SANITIZE MATCHES "thread")
        add_compile_options(-Wno-tsan) # of Boost.Asio's fences, which its queues do not need
    endif()
    # gcc 12 warns falsely in std::string and std::optional under the sanitizers.
    add_compile_options(-Wno-maybe-uninitialized -Wno-restrict -Wno-stringop-overflow -Wno-array-bounds)
endif()

# perch_composition(<target>): code that only puts things together (verbs, widgets). How long it compiles matters, how
# fast it runs does not; what computes is in core.
function(perch_composition target)
    target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
endfunction()

# perch_group_sources(<target>): with PERCH_UNITY, its .cpp files become groups that are compiled as one source each.
# CMake's own unity build writes absolute paths into its groups, which hides the compiler cache from a second clone.
function(perch_group_sources target)
    if(NOT PERCH_UNITY)
        return()
    endif()
    get_target_property(sources ${target} SOURCES)
    set(kept ${sources})
    list(FILTER kept EXCLUDE REGEX "\\.cpp$")
    list(FILTER sources INCLUDE REGEX "\\.cpp$")
    list(LENGTH sources count)
    set(number 0)
    set(text)
    foreach(source ${sources})
        cmake_path(ABSOLUTE_PATH source BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR} NORMALIZE)
        cmake_path(RELATIVE_PATH source BASE_DIRECTORY ${CMAKE_SOURCE_DIR})
        string(APPEND text "#include \"${source}\"\n")
        math(EXPR number "${number} + 1")
        math(EXPR rest "${number} % ${PERCH_UNITY_GROUP}")
        if(rest EQUAL 0 OR number EQUAL count)
            set(group ${CMAKE_CURRENT_BINARY_DIR}/groups/${target}_${number}.cpp)
            file(CONFIGURE OUTPUT ${group} CONTENT "${text}" @ONLY)
            list(APPEND kept ${group})
            set(text)
        endif()
    endforeach()
    set_property(TARGET ${target} PROPERTY SOURCES ${kept})
    target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR})
endfunction()
