#pragma once

#include "core/data/build/build_dataset.h"
#include "core/data/build/parquet_dataset.h"
#include "core/data/read_table.h"
#include "tests/support/test_support.h"

#include <fstream>
#include <map>

namespace perch::data {

/// A folder with CSV files, a perch.yaml over them and what is built of it.
class BuildTest : public testing::Test {
protected:
    void write(const std::string& name, const std::string& text) {
        std::ofstream(m_folder / name, std::ios::binary) << text;
    }
    std::string path(const std::string& name) const { return (m_folder / name).string(); }
    spec::ModelSpec specOf(const std::string& yaml) const {
        spec::ModelSpec spec = test::valueOf(spec::parseModelSpec("model: shop\n" + yaml, "perch.yaml"));
        if (!spec.data.empty())
            spec.data = m_folder / spec.data.string();
        for (spec::SourceSpec& source : spec.sources) {
            auto& file = std::get<spec::FileSource>(source.from);
            file.path = m_folder / file.path;
        }
        return spec;
    }
    SourceContext context() const { return {.clock = &m_clock}; }
    Result<BuildReport> tryBuild(const std::string& yaml, const BuildOptions& options = {}) {
        const spec::ModelSpec spec = specOf(yaml);
        auto sink = ParquetDataset::create(m_folder / "out");
        if (!sink)
            return std::move(sink).error();
        return buildDataset(spec, context(), **sink, {}, {}, options);
    }
    BuildReport build(const std::string& yaml) { return test::valueOf(tryBuild(yaml)); }

    /// The rows of the built dataset by the text of their first column, as texts; `-` is missing.
    std::map<std::string, std::string> rows(const ReadOptions& options = {}) const {
        const Table table = this->table(options);
        std::map<std::string, std::string> rows;
        for (std::size_t row = 0; row < table.rows; ++row) {
            std::string line;
            for (std::size_t i = 1; i < table.columns.size(); ++i) {
                if (table.columns[i].name != "date")
                    line += (line.empty() ? "" : " ") + shown(table.columns[i].cell(row));
            }
            rows[shown(table.columns[0].cell(row))] += rows[shown(table.columns[0].cell(row))].empty() ? line : "|" + line;
        }
        return rows;
    }
    Table table(const ReadOptions& options = {}) const {
        const spec::SourceSpec source = sourceOfPath((m_folder / "out" / "current").string());
        return test::valueOf(readTable(source, context(), options));
    }
    static std::string shown(const Cell& cell) {
        if (std::holds_alternative<double>(cell))
            return fmt::format("{:g}", std::get<double>(cell));
        if (std::holds_alternative<bool>(cell))
            return std::get<bool>(cell) ? "true" : "false";
        return std::holds_alternative<std::string>(cell) ? std::get<std::string>(cell) : "-";
    }

    test::Folder m_folder;
    ManualClock m_clock{SystemTime(std::chrono::sys_days(std::chrono::year(2026) / 5 / 1))};
};

} // namespace perch::data
