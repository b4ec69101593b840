#include "core/data/csv_reader.h"

namespace perch::data {

Result<Table> readCsv(const std::filesystem::path& file, const Clock& clock, const CsvOptions& options,
                      std::stop_token stop) {
    return readTable(sourceOfPath(file.string()), {.clock = &clock}, options, stop);
}

} // namespace perch::data
