#include "core/platforms/kubernetes/version_clone.h"

#include "core/base/json.h"
#include "core/base/utf8.h"
#include "core/platforms/kubernetes/kube_objects.h"
#include "core/platforms/kubernetes/object_writer.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace perch::kubernetes {

namespace {

using nlohmann::json;

constexpr std::size_t kDigestDigits = 64; ///< of SHA-256

bool isWordLetter(char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9') ||
           letter == '_';
}

/// `text` with every whole word `from` replaced.
std::string replacedWord(const std::string& text, const std::string& from, const std::string& to) {
    std::string result;
    for (std::size_t at = 0; at < text.size();) {
        const bool begins = at == 0 || !isWordLetter(text[at - 1]);
        const std::size_t end = at + from.size();
        if (begins && text.compare(at, from.size(), from) == 0 && (end == text.size() || !isWordLetter(text[end]))) {
            result += to;
            at = end;
        } else {
            result += text[at++];
        }
    }
    return result;
}

/// Whether a text holds a digest: as many hexadecimal digits in a row as SHA-256 has.
bool holdsDigest(const std::string& text) {
    std::size_t digits = 0;
    for (const char letter : text) {
        const bool hex = (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'f');
        digits = hex ? digits + 1 : 0;
        if (digits == kDigestDigits)
            return true;
    }
    return false;
}

/// Where a text of the template stands, for people: `serve image`.
struct Place {
    std::string container, field;
    std::string text() const { return shownText(container) + " " + shownText(field); }
};

/// Replaces the version in the texts of one template and notes each change.
class VersionTexts {
public:
    VersionTexts(const CloneWish& wish, std::vector<std::string>& changes) : m_wish(&wish), m_changes(&changes) {}

    /// One that may hold the version anywhere: an argument, a value.
    void replace(json& text, const Place& place) {
        if (!text.is_string())
            return;
        const std::string before = text.get<std::string>();
        note(text, before, replacedWord(before, m_wish->from.text(), m_wish->to.text()), place);
    }
    /// An image: only what comes after its registry and path, `churn:v1`, or a tag that is the number, `churn:1`.
    void replaceImage(json& text, const Place& place) {
        if (!text.is_string())
            return;
        const std::string before = text.get<std::string>();
        const std::size_t slash = before.rfind('/');
        const std::size_t begin = slash == std::string::npos ? 0 : slash + 1;
        const std::size_t tag = before.find(':', begin);
        std::string after =
            before.substr(0, begin) + replacedWord(before.substr(begin), m_wish->from.text(), m_wish->to.text());
        if (tag != std::string::npos && before.substr(tag + 1) == std::to_string(m_wish->from.number))
            after = before.substr(0, tag + 1) + std::to_string(m_wish->to.number);
        note(text, before, after, place);
    }

    bool found() const { return m_found; }
    const std::string& pinned() const { return m_pinned; }

private:
    void note(json& text, const std::string& before, const std::string& after, const Place& place) {
        // The image of the server may well be pinned: it is not what the version is. Anything else is.
        const bool isImage = place.field == "image";
        if (holdsDigest(before) && (!isImage || before != after) && m_pinned.empty())
            m_pinned = place.text();
        if (before == after)
            return;
        m_found = true;
        text = after;
        m_changes->push_back(fmt::format("{}: {} -> {}", place.text(), shownText(before, 160), shownText(after, 160)));
    }

    const CloneWish* m_wish;
    std::vector<std::string>* m_changes;
    bool m_found = false;
    std::string m_pinned; ///< the first place with a digest
};

void replaceInContainer(json& container, VersionTexts& texts) {
    if (!container.is_object())
        return;
    const std::string name = jsonText(container, "name");
    if (container.contains("image"))
        texts.replaceImage(container["image"], {name, "image"});
    for (const char* list : {"command", "args"}) {
        if (!container.contains(list) || !container[list].is_array())
            continue;
        for (json& word : container[list])
            texts.replace(word, {name, list});
    }
    const auto each = [&](const char* list, const char* field) {
        if (!container.contains(list) || !container[list].is_array())
            return;
        for (json& entry : container[list]) {
            if (entry.is_object() && entry.contains(field))
                texts.replace(entry[field], {name, fmt::format("{} {}", list, jsonText(entry, "name"))});
        }
    };
    each("env", "value");
    each("volumeMounts", "subPath");
}

/// `v2`, or `2` where the old label is a bare number too.
std::string labelFor(Version to, const std::string& like) {
    return like.starts_with('v') || like.starts_with('V') ? to.text() : std::to_string(to.number);
}

} // namespace

Result<json> cloneDeployment(const json& stable, const CloneWish& wish, std::vector<std::string>& changes) {
    const std::string source = jsonText(member(stable, "metadata"), "name");
    json spec = member(stable, "spec");
    if (!member(spec, {"template", "spec"}).is_object() || !member(spec, {"selector"}).is_object())
        return fail(ErrorCode::InvalidInput, "Deployment {} has no template or no selector.", shownText(source));
    json& pods = spec["template"];
    const std::string old = jsonText(member(pods, {"metadata", "labels"}), kVersionLabel);
    const std::string label = labelFor(wish.to, old);
    changes = {fmt::format("a copy of Deployment {}: label {} {} -> {}", shownText(source), kVersionLabel,
                           shownText(old), label)};
    VersionTexts texts(wish, changes);
    for (const char* list : {"initContainers", "containers"}) {
        if (!pods["spec"].contains(list) || !pods["spec"][list].is_array())
            continue;
        for (json& container : pods["spec"][list])
            replaceInContainer(container, texts);
    }
    if (!texts.pinned().empty())
        return fail(ErrorCode::InvalidInput,
                    "{} of Deployment {} is pinned by a digest, and that of {} is not known: create Deployment {} "
                    "yourself, with the labels {} and {}.",
                    texts.pinned(), shownText(source), wish.to.text(), wish.name, kModelLabel, kVersionLabel);
    if (!texts.found())
        return fail(ErrorCode::InvalidInput,
                    "The template of Deployment {} names {} nowhere but in its label, so that a copy would serve {} "
                    "again: create Deployment {} yourself, with the labels {} and {}.",
                    shownText(source), wish.from.text(), wish.from.text(), wish.name, kModelLabel, kVersionLabel);
    json& metadata = pods["metadata"];
    metadata["labels"][kVersionLabel] = label;
    metadata.erase("creationTimestamp");
    if (metadata.contains("annotations") && metadata["annotations"].is_object())
        metadata["annotations"].erase("kubectl.kubernetes.io/restartedAt");
    spec["selector"]["matchLabels"][kVersionLabel] = label;
    spec["replicas"] = wish.replicas;
    spec.erase("paused");
    return json{{"apiVersion", "apps/v1"},
                {"kind", "Deployment"},
                {"metadata",
                 {{"name", wish.name},
                  {"labels",
                   {{kModelLabel, wish.model.text()},
                    {kVersionLabel, label},
                    {kRoleLabel, "canary"},
                    {kManagerLabel, "perch"}}}}},
                {"spec", std::move(spec)}};
}

} // namespace perch::kubernetes
