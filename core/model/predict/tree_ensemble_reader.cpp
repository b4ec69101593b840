#include "core/base/utf8.h"
#include "core/model/predict/tree_ensemble.h"

#include <nlohmann/json.hpp>

#include <charconv>
#include <cmath>

namespace perch::model {

namespace {

using nlohmann::json;

constexpr std::size_t kJsonDepthLimit = 32;
constexpr std::size_t kOutputLimit = 65'536; ///< as many as a label may have classes, and more
constexpr std::string_view kTrees = "/learner/gradient_booster/model/trees";

/// The few texts and lists outside the trees that matter.
struct SavedFacts {
    std::string booster, objective, baseScore, features, classes, targets;
    std::vector<std::int64_t> treeOutputs;
};

/// Walks through the file once and keeps one tree at a time, so that a large model is never there as a document.
class Reader final : public nlohmann::json_sax<json> {
public:
    /// A file cannot hold more values than bytes; a short one that claims to is made to exhaust the memory.
    explicit Reader(std::size_t bytes) : m_valuesLeft(bytes) {}

    SavedFacts facts;
    TreeEnsemble ensemble;
    std::uint32_t largestFeature = 0;
    std::optional<Error> error;

    bool null() override { return counted(); }
    bool boolean(bool value) override { return number(value ? 1 : 0); }
    bool number_integer(std::int64_t value) override { return number(value); }
    bool number_unsigned(std::uint64_t value) override {
        return value > std::numeric_limits<std::int64_t>::max() ? stop(damaged("a number is too large"))
                                                                : number(static_cast<std::int64_t>(value));
    }
    bool number_float(double value, const std::string&) override {
        if (m_floats != nullptr)
            m_floats->push_back(static_cast<float>(value));
        else if (m_integers != nullptr)
            return stop(damaged("a position is not an integer"));
        return counted();
    }
    bool string(std::string& value) override {
        if (m_text != nullptr)
            *m_text = value;
        return counted();
    }
    bool binary(json::binary_t&) override { return stop(damaged("it holds a binary value")); }

    bool start_object(std::size_t) override {
        m_lengths.push_back(m_path.size());
        if (m_path == kTrees) {
            m_tree = {};
            m_treeId.clear();
            m_leafSize = "1";
        }
        return m_lengths.size() < kJsonDepthLimit ? counted() : stop(damaged("it nests too deeply"));
    }
    bool key(std::string& name) override {
        m_path.resize(m_lengths.back());
        m_path += '/';
        m_path += name;
        choose();
        return true;
    }
    bool end_object() override {
        m_path.resize(m_lengths.back());
        m_lengths.pop_back();
        choose();
        return m_path != kTrees || endTree();
    }
    bool start_array(std::size_t) override {
        return ++m_arrays < kJsonDepthLimit ? counted() : stop(damaged("it nests too deeply"));
    }
    bool end_array() override {
        --m_arrays;
        return true;
    }
    bool parse_error(std::size_t byte, const std::string&, const json::exception&) override {
        return stop(damaged(fmt::format("unexpected input at byte {}", byte)));
    }

private:
    static Error damaged(std::string_view why) {
        return fail(ErrorCode::Corrupt, "it is not a model in UBJ: {}.", why);
    }
    bool stop(Error reason) {
        if (!error)
            error = std::move(reason);
        return false;
    }
    bool counted() { return m_valuesLeft-- > 0 || stop(damaged("it holds more values than bytes")); }

    bool number(std::int64_t value) {
        if (m_integers != nullptr)
            m_integers->push_back(value);
        else if (m_floats != nullptr)
            m_floats->push_back(static_cast<float>(value));
        return counted();
    }

    /// Where the values of the present path go, if anywhere.
    void choose() {
        m_integers = nullptr;
        m_floats = nullptr;
        m_text = nullptr;
        const std::string_view path = m_path;
        if (path.size() > kTrees.size() && path.starts_with(kTrees))
            return chooseInTree(path.substr(kTrees.size() + 1));
        const std::pair<std::string_view, std::string*> texts[] = {
            {"/learner/gradient_booster/name", &facts.booster},
            {"/learner/objective/name", &facts.objective},
            {"/learner/learner_model_param/base_score", &facts.baseScore},
            {"/learner/learner_model_param/num_feature", &facts.features},
            {"/learner/learner_model_param/num_class", &facts.classes},
            {"/learner/learner_model_param/num_target", &facts.targets}};
        for (const auto& [place, text] : texts) {
            if (path == place)
                m_text = text;
        }
        if (path == "/learner/gradient_booster/model/tree_info")
            m_integers = &facts.treeOutputs;
    }

    void chooseInTree(std::string_view field) {
        const std::pair<std::string_view, std::vector<std::int64_t>*> lists[] = {
            {"left_children", &m_tree.left},
            {"right_children", &m_tree.right},
            {"split_indices", &m_tree.feature},
            {"default_left", &m_tree.missingLeft},
            {"split_type", &m_tree.splitType},
            {"categories_nodes", &m_tree.categoryNodes},
            {"categories_segments", &m_tree.categoryBegins},
            {"categories_sizes", &m_tree.categoryCounts},
            {"categories", &m_tree.categories},
            {"id", &m_treeId}};
        for (const auto& [name, list] : lists) {
            if (field == name)
                m_integers = list;
        }
        if (field == "split_conditions")
            m_floats = &m_tree.condition;
        else if (field == "tree_param/size_leaf_vector")
            m_text = &m_leafSize;
    }

    bool endTree() {
        if (m_leafSize != "1" && m_leafSize != "0")
            return stop(fail(ErrorCode::InvalidInput, "its leaves hold vectors."));
        if (m_treeId.size() != 1 || m_treeId.front() != static_cast<std::int64_t>(ensemble.trees.size()))
            return stop(fail(ErrorCode::InvalidInput, "its trees are not numbered in order."));
        Result<std::uint32_t> feature = ensemble.add(m_tree);
        if (!feature)
            return stop(std::move(feature).error());
        largestFeature = std::max(largestFeature, *feature);
        return true;
    }

    std::size_t m_valuesLeft;
    std::string m_path;                 ///< keys from the top, each after a slash; lists add nothing
    std::vector<std::size_t> m_lengths; ///< of the path at each open object
    std::size_t m_arrays = 0;
    std::vector<std::int64_t>* m_integers = nullptr;
    std::vector<float>* m_floats = nullptr;
    std::string* m_text = nullptr;
    SavedTree m_tree;
    std::vector<std::int64_t> m_treeId;
    std::string m_leafSize;
};

/// XGBoost keeps its parameters as texts.
Result<std::size_t> countOf(const std::string& text, const char* name) {
    std::size_t value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc() || end != text.data() + text.size())
        return fail(ErrorCode::Corrupt, "its {} is \"{}\".", name, shownText(text));
    return value;
}

/// `[5E-1,2.5E-1]`, before 3.1 `5E-1`
Result<std::vector<float>> baseScores(std::string_view text) {
    const Error wrong = fail(ErrorCode::Corrupt, "its base_score is \"{}\".", shownText(text));
    if (text.starts_with('[') && text.ends_with(']'))
        text = text.substr(1, text.size() - 2);
    std::vector<float> scores;
    for (const char *at = text.data(), *const last = at + text.size(); at <= last;) {
        float score = 0;
        const auto [end, code] = std::from_chars(at, last, score);
        if (code != std::errc() || !std::isfinite(score) || (end != last && *end != ','))
            return wrong;
        scores.push_back(score);
        at = end + 1;
    }
    return scores;
}

/// From a probability to the margin of the logistic objective, in XGBoost's arithmetic
/// (LogisticRegression::ProbToMargin).
float logit(float probability) {
    constexpr float kNearest = 1e-6F;
    const float bounded = std::min(std::max(probability, kNearest), 1.0F - kNearest);
    return -::logf(1.0F / bounded - 1.0F);
}

Result<Link> linkOf(const std::string& objective) {
    if (objective == "binary:logistic")
        return Link::Sigmoid;
    if (objective == "multi:softprob")
        return Link::Softmax;
    if (objective == "reg:squarederror")
        return Link::Identity;
    return fail(ErrorCode::InvalidInput, "its objective is {}.", shownText(objective));
}

Result<void> finish(const SavedFacts& facts, std::uint32_t largestFeature, TreeEnsemble& ensemble) {
    if (facts.booster != "gbtree")
        return fail(ErrorCode::InvalidInput, "its booster is {}.", shownText(facts.booster));
    ensemble.link = TRY(linkOf(facts.objective));
    ensemble.features = TRY(countOf(facts.features, "num_feature"));
    if (ensemble.features == 0 || (!ensemble.trees.empty() && largestFeature >= ensemble.features))
        return fail(ErrorCode::Corrupt, "it reads the feature {} of {}.", largestFeature, ensemble.features);
    if (!facts.targets.empty() && facts.targets != "1")
        return fail(ErrorCode::InvalidInput, "it has {} targets.", shownText(facts.targets));
    const std::size_t outputs = std::max<std::size_t>(1, TRY(countOf(facts.classes, "num_class")));
    if (outputs > kOutputLimit)
        return fail(ErrorCode::Corrupt, "it has {} outputs.", outputs);
    if ((ensemble.link == Link::Softmax) != (outputs > 1))
        return fail(ErrorCode::InvalidInput, "its objective {} has {} outputs.", facts.objective, outputs);
    ensemble.base = TRY(baseScores(facts.baseScore));
    if (ensemble.base.size() == 1)
        ensemble.base.resize(outputs, ensemble.base.front());
    if (ensemble.base.size() != outputs)
        return fail(ErrorCode::Corrupt, "it has {} base scores for {} outputs.", ensemble.base.size(), outputs);
    if (ensemble.link == Link::Sigmoid)
        ensemble.base.front() = logit(ensemble.base.front());
    if (facts.treeOutputs.size() != ensemble.trees.size())
        return fail(ErrorCode::Corrupt, "it says what {} of {} trees are for.", facts.treeOutputs.size(),
                    ensemble.trees.size());
    for (std::size_t i = 0; i < ensemble.trees.size(); ++i) {
        const std::int64_t output = facts.treeOutputs[i];
        if (output < 0 || static_cast<std::size_t>(output) >= outputs)
            return fail(ErrorCode::Corrupt, "tree {} adds to the output {} of {}.", i, output, outputs);
        ensemble.trees[i].output = static_cast<std::uint32_t>(output);
    }
    return {};
}

} // namespace

Result<TreeEnsemble> TreeEnsemble::parse(std::string_view ubj) {
    if (ubj.starts_with("{\""))
        return fail(ErrorCode::InvalidInput, "it is JSON text.");
    Reader reader(ubj.size());
    try {
        const bool whole = json::sax_parse(ubj, &reader, json::input_format_t::ubjson);
        if (reader.error)
            return std::move(*reader.error);
        if (!whole)
            return fail(ErrorCode::Corrupt, "it is not a model in UBJ.");
    } catch (const json::exception&) {
        return fail(ErrorCode::Corrupt, "it is not a model in UBJ.");
    }
    TRY(finish(reader.facts, reader.largestFeature, reader.ensemble));
    return std::move(reader.ensemble);
}

} // namespace perch::model
