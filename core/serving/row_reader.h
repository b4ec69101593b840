#pragma once

#include "core/serving/feature_lookup.h"

#include <nlohmann/json_fwd.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace perch::serving {

/// Rows ready to be scored, with what drift counting and the caller need to know about them.
struct EncodedRows {
    std::size_t count = 0;
    std::vector<float> values;            ///< `count` rows of the transform's width
    std::vector<std::uint16_t> bins;      ///< per row, one bin for each feature of the reference profile
    std::vector<std::string> notes;       ///< `unseen category in field contract`
    bool keepsCells = false;              ///< whether the reader keeps what it encoded
    std::vector<data::Cell> cells;        ///< then `count` rows of the transform's width
    std::array<std::size_t, 3> lookups{}; ///< rows that were completed from the lookup table, by LookupResult

    /// Whether features came from a table that is older than allowed.
    bool stale() const { return lookups[static_cast<std::size_t>(LookupResult::Stale)] > 0; }
};

/// Turns named cells from outside into rows, by the package's row transform and nothing else. Immutable: safe from any
/// thread. The package must outlive it.
///
/// Every field of the model must be in the input. `null` says that the value is missing and is always accepted; a field
/// may be left out only if it was missing in some training rows. A field that the model does not have is an error, an
/// unknown category is not: it is encoded as missing and noted. Errors are InvalidInput, name the field (and the row of
/// a batch) in message and `where`.
///
/// With a lookup table a row may name its entity instead of giving the features that the table has; those that it gives
/// win, `null` too.
class RowReader {
public:
    /// `lookup` may be null, and must outlive it otherwise.
    explicit RowReader(const model::Package& package, const FeatureLookup* lookup = nullptr);

    /// Appends one row given as a JSON object. `where` is how to name the row in errors, e.g. `inputs[3]`. A field
    /// `beside` is passed over if the model does not have it.
    Result<void> append(const nlohmann::json& object, std::string_view where, EncodedRows& rows,
                        std::string_view beside = {}) const;
    /// Appends one row given as cells in field order, of which `given` says whether the request had them. The others
    /// are looked up if the request had an entity, be it an empty one.
    Result<void> append(std::span<data::Cell> cells, const std::vector<bool>& given,
                        const std::optional<std::string>& entity, std::string_view where, EncodedRows& rows) const;

    /// Whether a field may be left out of a request without an entity.
    bool mayBeAbsent(std::size_t field) const { return m_mayBeAbsent[field]; }
    /// Null if there is none.
    const FeatureLookup* lookup() const { return m_lookup; }
    /// Whether a request names its entity by this.
    bool isKey(std::string_view name) const { return m_lookup != nullptr && name == m_lookup->key(); }
    /// The error for a name that the model does not know, with the nearest one that it does.
    Error unknownField(std::string_view name, std::string_view where) const;
    const data::RowTransform& transform() const { return m_package.transform; }
    /// Whether the model answers with a class; a regression does not.
    bool hasClasses() const { return !m_package.card.classes.empty(); }

private:
    Error absentField(std::size_t field, std::string_view where) const;
    Result<void> encode(std::span<const data::Cell> cells, std::string_view where, EncodedRows& rows) const;

    const model::Package& m_package;
    const FeatureLookup* m_lookup;
    std::vector<bool> m_mayBeAbsent;
    std::vector<std::size_t> m_fieldOfFeature; ///< position in the transform of each feature of the profile
};

/// A JSON scalar as a cell; InvalidInput for arrays and objects.
Result<data::Cell> cellFromJson(const nlohmann::json& value, std::string_view field);
/// The key of an entity: a text or a whole number; null is an empty one. InvalidInput for all else.
Result<std::string> keyFromJson(const nlohmann::json& value, std::string_view field);

/// Of `names`, the one that is nearest to `name` by edit distance; empty if none is near.
std::string_view nearestName(std::string_view name, std::span<const std::string> names);

} // namespace perch::serving
