#include "tests/serving/serving_fixture.h"

#include "core/base/database.h"

namespace perch::test {

const ServedChurn& ServedChurn::instance() {
    static const ServedChurn churn = [] {
        ServedChurn made(valueOf(TemporaryFolder::create("perch-serving-")));
        const RealClock clock;
        const auto library = valueOf(model::XgboostLibrary::load());
        made.table = valueOf(data::readCsv(sourceFolder() / "resources/data/wa_churn.csv", clock,
            {.declared = {{"churn", data::FieldType::Category}}}));
        const model::TrainRequest request{.model = valueOf(ModelName::parse("churn")), .table = &made.table,
            .label = "churn", .positive = "Yes", .training = {.rounds = 60}, .codeVersion = "test", .clock = &clock};
        const model::TrainOutcome outcome = valueOf(model::train(*library, request));
        made.package = made.m_folder.path() / "package";
        made.digest = valueOf(model::writePackage(outcome.parts, made.package));
        return made;
    }();
    return churn;
}

nlohmann::json rowObject(const data::Table& table, std::uint32_t index, std::string_view label) {
    nlohmann::json object = nlohmann::json::object();
    for (const data::Column& column : table.columns) {
        if (column.name == label)
            continue;
        const data::Cell cell = column.cell(index);
        nlohmann::json& value = object[column.name];
        if (const double* number = std::get_if<double>(&cell))
            value = *number;
        else if (const bool* flag = std::get_if<bool>(&cell))
            value = *flag;
        else if (const std::string* text = std::get_if<std::string>(&cell))
            value = *text;
    }
    return object;
}

void Serving::start(serving::ModelServer::Options options, serving::ModelSource source) {
    m_server = valueOf(serving::ModelServer::start(std::move(options), m_clock));
    source.package = m_churn.package;
    if (source.version.number == 0)
        source.version = {2};
    ASSERT_TRUE(succeeded(m_server->load(source)));
}

std::string Serving::url(std::string_view path) const {
    return fmt::format("http://127.0.0.1:{}{}", m_server->port(), path);
}

http::Response Serving::post(std::string_view path, std::string body, http::Headers headers) {
    return valueOf(m_client.send(
        {.method = "POST", .url = url(path), .headers = std::move(headers), .body = std::move(body)}));
}

http::Response Serving::get(std::string_view path) {
    return valueOf(m_client.send({.url = url(path)}));
}

std::optional<double> Serving::metric(const std::string& series) {
    const std::string address = fmt::format("http://127.0.0.1:{}/metrics", m_server->metricsPort());
    return valueIn(valueOf(m_client.send({.url = address})).body, series);
}

void writeLookupTable(const std::filesystem::path& file, const LookupContent& content) {
    const std::filesystem::path built = file.string() + ".new";
    std::filesystem::remove(built);
    {
        Database database = valueOf(Database::open(built, Durability::Normal));
        std::string columns, places = "?";
        for (const auto& [name, type] : content.columns) {
            columns += fmt::format(", \"{}\"", name);
            places += ", ?";
        }
        for (const std::string& sql :
             {std::string("CREATE TABLE about(name TEXT PRIMARY KEY, value TEXT NOT NULL)"),
              std::string("CREATE TABLE columns(position INTEGER PRIMARY KEY, name TEXT NOT NULL, type TEXT NOT NULL)"),
              fmt::format("CREATE TABLE features(key TEXT PRIMARY KEY{}) WITHOUT ROWID", columns)})
            valueOf(database.execute(sql));
        const std::pair<const char*, std::string> about[] = {
            {"schema", content.schema}, {"model", content.model}, {"as_of", content.asOf}, {"key", content.key}};
        for (const auto& [name, value] : about)
            valueOf(valueOf(database.prepare("INSERT INTO about VALUES (?, ?)")).bind(1, name).bind(2, value).run());
        std::int64_t position = 0;
        for (const auto& [name, type] : content.columns)
            valueOf(valueOf(database.prepare("INSERT INTO columns VALUES (?, ?, ?)"))
                        .bind(1, position++)
                        .bind(2, name)
                        .bind(3, type)
                        .run());
        for (const auto& [key, values] : content.rows) {
            Statement insert = valueOf(database.prepare(fmt::format("INSERT INTO features VALUES ({})", places)));
            insert.bind(1, key);
            for (std::size_t i = 0; i < values.size(); ++i) {
                const int place = static_cast<int>(i) + 2;
                if (values[i].is_boolean())
                    insert.bind(place, std::int64_t{values[i].get<bool>()});
                else if (values[i].is_number())
                    insert.bind(place, values[i].get<double>());
            }
            valueOf(insert.run());
        }
        valueOf(valueOf(database.prepare("PRAGMA journal_mode=DELETE")).step());
    }
    std::filesystem::rename(built, file);
}

std::unique_ptr<serving::TruthServer> startTruth(
    const std::filesystem::path& file, const Clock& clock, std::uint16_t port) {
    return valueOf(serving::TruthServer::start(file, {.port = port}, clock));
}

std::optional<double> valueIn(std::string_view exposition, const std::string& series) {
    const auto at = ("\n" + std::string(exposition)).find("\n" + series + " ");
    if (at == std::string::npos)
        return std::nullopt;
    return std::stod(std::string(exposition.substr(at + series.size() + 1)));
}

} // namespace perch::test
