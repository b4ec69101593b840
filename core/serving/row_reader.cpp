#include "core/serving/row_reader.h"

#include "core/base/edit_distance.h"
#include "core/base/utf8.h"

#include <nlohmann/json.hpp>

#include <cmath>

namespace perch::serving {

namespace {

/// `inputs[3].age`, or only the field where there is one row.
std::string placeOf(std::string_view where, std::string_view field) {
    return where.empty() ? std::string(field) : fmt::format("{}.{}", where, field);
}

std::string inRow(std::string_view where) {
    return where.empty() ? std::string() : fmt::format(" in {}", where);
}

} // namespace

std::string_view nearestName(std::string_view name, std::span<const std::string> names) {
    constexpr std::size_t kLongestName = 200;
    std::string_view nearest;
    std::size_t best = std::max<std::size_t>(2, name.size() / 3) + 1;
    for (const std::string& candidate : names) {
        const std::size_t distance =
            name.size() > kLongestName ? best : editDistance(name, candidate);
        if (distance < best) {
            best = distance;
            nearest = candidate;
        }
    }
    return nearest;
}

Result<data::Cell> cellFromJson(const nlohmann::json& value, std::string_view field) {
    switch (value.type()) {
    case nlohmann::json::value_t::null:
        return data::Cell();
    case nlohmann::json::value_t::boolean:
        return data::Cell(value.get<bool>());
    case nlohmann::json::value_t::number_integer:
    case nlohmann::json::value_t::number_unsigned:
    case nlohmann::json::value_t::number_float:
        return data::Cell(value.get<double>());
    case nlohmann::json::value_t::string:
        return data::Cell(value.get_ref<const std::string&>());
    default:
        break;
    }
    Error error = fail(ErrorCode::InvalidInput,
        "The field \"{}\" must be a number, a text, true, false or null, not an {}.", field, value.type_name());
    error.where = field;
    return error;
}

Result<std::string> keyFromJson(const nlohmann::json& value, std::string_view field) {
    if (value.is_null())
        return std::string();
    if (value.is_string())
        return value.get<std::string>();
    if (value.is_number_unsigned())
        return std::to_string(value.get<std::uint64_t>());
    if (value.is_number_integer())
        return std::to_string(value.get<std::int64_t>());
    if (value.is_number_float() && std::trunc(value.get<double>()) == value.get<double>())
        return fmt::format("{:.0f}", value.get<double>());
    return invalidInput(field, fmt::format("The field \"{}\" must be a text or a whole number.", field));
}

RowReader::RowReader(const model::Package& package, const FeatureLookup* lookup)
    : m_package(package), m_lookup(lookup), m_mayBeAbsent(package.transform.width(), false) {
    for (const data::FeatureBins& bins : package.reference.features) {
        const std::size_t field = package.transform.find(bins.feature).value_or(0);
        m_fieldOfFeature.push_back(field);
        m_mayBeAbsent[field] = bins.counts[bins.binOfMissing()] > 0;
    }
    for (std::size_t i = 0; i < package.transform.width(); ++i) {
        const data::Field& field = package.transform.fields()[i];
        m_mayBeAbsent[i] = m_mayBeAbsent[i] || field.imputedNumber || field.imputedCode;
    }
}

Error RowReader::unknownField(std::string_view name, std::string_view where) const {
    const std::vector<std::string> names = transform().names();
    const std::string_view nearest = nearestName(name, names);
    const std::string shown = shownText(name);
    Error error = nearest.empty()
                      ? fail(ErrorCode::InvalidInput, "The model has no field \"{}\"{}.", shown, inRow(where))
                      : fail(ErrorCode::InvalidInput, "The model has no field \"{}\"{}; did you mean \"{}\"?", shown,
                            inRow(where), nearest);
    error.where = placeOf(where, shown);
    return error;
}

Error RowReader::absentField(std::size_t field, std::string_view where) const {
    const std::string& name = transform().fields()[field].name;
    const bool lookedUp = m_lookup != nullptr && m_lookup->has(field);
    return invalidInput(placeOf(where, name),
                        fmt::format("The field \"{}\" is not there{}; send null if its value is missing{}.", name,
                                    inRow(where),
                                    lookedUp ? fmt::format(", or \"{}\" to have it looked up", m_lookup->key()) : ""));
}

Result<void> RowReader::append(const nlohmann::json& object, std::string_view where, EncodedRows& rows,
                               std::string_view beside) const {
    if (!object.is_object()) {
        Error error = fail(ErrorCode::InvalidInput, "A row must be an object of named fields, not {} ({}).",
            object.type_name(), where.empty() ? "inputs" : where);
        error.where = where.empty() ? "inputs" : where;
        return error;
    }
    const std::size_t width = transform().width();
    std::vector<data::Cell> cells(width);
    std::vector<bool> given(width, false);
    std::optional<std::string> entity;
    for (const auto& [name, value] : object.items()) {
        const std::optional<std::size_t> field = transform().find(name);
        if (isKey(name)) {
            Result<std::string> key = keyFromJson(value, name);
            if (!key) {
                key.error().where = placeOf(where, name);
                return std::move(key).error();
            }
            entity = *std::move(key);
            if (!field)
                continue;
        }
        if (!field && !beside.empty() && name == beside)
            continue;
        if (!field)
            return unknownField(name, where);
        Result<data::Cell> cell = cellFromJson(value, name);
        if (!cell) {
            cell.error().where = placeOf(where, name);
            return std::move(cell).error();
        }
        cells[*field] = *std::move(cell);
        given[*field] = true;
    }
    return append(cells, given, entity, where, rows);
}

Result<void> RowReader::append(std::span<data::Cell> cells, const std::vector<bool>& given,
                               const std::optional<std::string>& entity, std::string_view where,
                               EncodedRows& rows) const {
    bool wanted = false;
    for (std::size_t i = 0; i < given.size(); ++i) {
        const bool lookedUp = entity && !given[i] && m_lookup != nullptr && m_lookup->has(i);
        wanted = wanted || lookedUp;
        if (!given[i] && !lookedUp && !m_mayBeAbsent[i])
            return absentField(i, where);
    }
    if (wanted) {
        const LookupResult result = TRY(m_lookup->fill(*entity, given, cells));
        ++rows.lookups[static_cast<std::size_t>(result)];
        if (result == LookupResult::Unknown)
            rows.notes.push_back(fmt::format("unknown entity in field {}", placeOf(where, m_lookup->key())));
    }
    return encode(cells, where, rows);
}

Result<void> RowReader::encode(std::span<const data::Cell> cells, std::string_view where, EncodedRows& rows) const {
    const std::size_t width = transform().width();
    for (std::size_t i = 0; i < width; ++i) {
        data::CellNote note = data::CellNote::None;
        Result<float> value = transform().encode(i, cells[i], &note);
        if (!value) {
            value.error().where = placeOf(where, transform().fields()[i].name);
            if (!where.empty())
                value.error().message += fmt::format(" ({})", where);
            return std::move(value).error();
        }
        if (note == data::CellNote::UnseenCategory)
            rows.notes.push_back(fmt::format("unseen category in field {}", placeOf(where, transform().fields()[i].name)));
        rows.values.push_back(*value);
    }
    const data::ReferenceProfile& profile = m_package.reference;
    for (std::size_t feature = 0; feature < profile.features.size(); ++feature) {
        const data::Cell& cell = cells[m_fieldOfFeature[feature]];
        rows.bins.push_back(static_cast<std::uint16_t>(profile.binOf(feature, transform(), cell)));
    }
    if (rows.keepsCells)
        rows.cells.insert(rows.cells.end(), cells.begin(), cells.end());
    ++rows.count;
    return {};
}

} // namespace perch::serving
