# Where each library comes from: Debian packages, but Arrow and XGBoost from the pinned wheels that
# scripts/install puts into the download cache.
find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(CURL REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(Boost 1.74 REQUIRED)
find_package(prometheus-cpp CONFIG REQUIRED COMPONENTS core)
find_package(ZLIB REQUIRED)
find_package(PostgreSQL REQUIRED)

set(PERCH_WHEELS "$ENV{PERCH_WHEELS}" CACHE PATH "Folder with the installed pyarrow and xgboost wheels")
if(NOT PERCH_WHEELS)
    execute_process(COMMAND ${CMAKE_SOURCE_DIR}/scripts/install --print-wheels
        OUTPUT_VARIABLE PERCH_WHEELS OUTPUT_STRIP_TRAILING_WHITESPACE)
endif()

# --- Arrow: a system package if there is one, else the wheel ---
find_package(Arrow CONFIG QUIET)
if(NOT Arrow_FOUND)
    set(arrow_root ${PERCH_WHEELS}/pyarrow)
    if(NOT EXISTS ${arrow_root}/include/arrow/util/config.h)
        message(FATAL_ERROR "Arrow was not found in ${arrow_root}. Run scripts/install.")
    endif()
    file(STRINGS ${arrow_root}/include/arrow/util/config.h so_line REGEX "ARROW_SO_VERSION")
    string(REGEX MATCH "[0-9]+" arrow_so "${so_line}")
    foreach(part arrow arrow_compute arrow_acero arrow_dataset parquet)
        add_library(wheel_${part} SHARED IMPORTED GLOBAL)
        set_target_properties(wheel_${part} PROPERTIES
            IMPORTED_LOCATION ${arrow_root}/lib${part}.so.${arrow_so}
            INTERFACE_INCLUDE_DIRECTORIES ${arrow_root}/include)
    endforeach()
    add_library(perch_arrow INTERFACE)
    target_link_libraries(perch_arrow INTERFACE wheel_parquet wheel_arrow_dataset wheel_arrow_acero wheel_arrow_compute wheel_arrow)
    # The wheel has S3 in a library of its own; only the room that reads sources links it.
    add_library(perch_arrow_s3 INTERFACE)
    if(EXISTS ${arrow_root}/libarrow_s3.so.${arrow_so})
        add_library(wheel_arrow_s3 SHARED IMPORTED GLOBAL)
        set_target_properties(wheel_arrow_s3 PROPERTIES IMPORTED_LOCATION ${arrow_root}/libarrow_s3.so.${arrow_so})
        target_link_libraries(perch_arrow_s3 INTERFACE wheel_arrow_s3)
    endif()
else()
    find_package(ArrowDataset CONFIG REQUIRED)
    find_package(Parquet CONFIG REQUIRED)
    add_library(perch_arrow INTERFACE)
    target_link_libraries(perch_arrow INTERFACE ArrowDataset::arrow_dataset_shared Parquet::parquet_shared Arrow::arrow_shared)
    add_library(perch_arrow_s3 INTERFACE)
endif()

# --- XGBoost is never linked: the programs load it at run time (core/model/predict/xgboost_library.h). ---
# It is laid beside the programs, where they look for it first.
set(PERCH_XGBOOST_DIR ${PERCH_WHEELS}/xgboost/lib)
if(NOT EXISTS ${PERCH_XGBOOST_DIR}/libxgboost.so)
    message(WARNING "libxgboost.so was not found in ${PERCH_WHEELS}; set PERCH_XGBOOST at run time.")
endif()
if(EXISTS ${PERCH_XGBOOST_DIR}/libxgboost.so)
    file(MAKE_DIRECTORY ${CMAKE_RUNTIME_OUTPUT_DIRECTORY})
    file(CREATE_LINK ${PERCH_XGBOOST_DIR}/libxgboost.so ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/libxgboost.so SYMBOLIC)
endif()
set(PERCH_TEST_ENVIRONMENT "PERCH_XGBOOST=${PERCH_XGBOOST_DIR}/libxgboost.so")
if(PERCH_SANITIZE MATCHES "address")
    # What is read beyond a buffer is not seen within Arrow's own pool.
    list(APPEND PERCH_TEST_ENVIRONMENT
        "ASAN_OPTIONS=detect_leaks=1:detect_odr_violation=0:strict_init_order=1"
        "LSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/tests/support/lsan.supp:print_suppressions=0"
        "UBSAN_OPTIONS=print_stacktrace=1" "ARROW_DEFAULT_MEMORY_POOL=system")
elseif(PERCH_SANITIZE MATCHES "thread")
    # A mutex that Arrow or XGBoost locked unseen would be reported when the library unlocks it in plain sight, and memory
    # that Arrow's own pool hands from thread to thread as a race.
    list(APPEND PERCH_TEST_ENVIRONMENT
        "TSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/tests/support/tsan.supp:report_mutex_bugs=0" "OMP_NUM_THREADS=1" "ARROW_USE_THREADS=0"
        "ARROW_DEFAULT_MEMORY_POOL=system")
endif()

if(PERCH_GUI)
    find_package(Qt6 6.4 REQUIRED COMPONENTS Core Gui Widgets Charts Svg Test)
    # The platform headers of Qt's Vulkan and OpenGL are only needed for these packages to be found.
endif()

# CLI11 is a header without a CMake package in some distributions.
find_path(PERCH_CLI11_INCLUDE CLI/CLI.hpp REQUIRED)
add_library(perch_cli11 INTERFACE)
target_include_directories(perch_cli11 SYSTEM INTERFACE ${PERCH_CLI11_INCLUDE})
