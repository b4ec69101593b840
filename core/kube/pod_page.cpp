#include "core/kube/pod_page.h"

#include "core/base/clock.h"
#include "core/base/utf8.h"
#include "core/kube/protobuf_reader.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <span>

namespace perch::kube {

namespace {

using nlohmann::json;

struct Message;

/// A field of a message, and what becomes of it.
struct MessageField {
    enum class Kind { Text, Number, Flag, Time, Map, Message, List };
    std::uint32_t number;
    const char* name;
    Kind kind;
    const Message* message = nullptr; ///< of Message and List
};

struct Message {
    std::span<const MessageField> fields;
};

using Kind = MessageField::Kind;

constexpr MessageField kNoFields[] = {{0, "", Kind::Text}};
constexpr Message kRunning{kNoFields};
constexpr MessageField kWaitingFields[] = {{1, "reason", Kind::Text}, {2, "message", Kind::Text}};
constexpr Message kWaiting{kWaitingFields};
constexpr MessageField kTerminatedFields[] = {
    {1, "exitCode", Kind::Number}, {3, "reason", Kind::Text}, {4, "message", Kind::Text}};
constexpr Message kTerminated{kTerminatedFields};
constexpr MessageField kStateFields[] = {{1, "waiting", Kind::Message, &kWaiting},
                                         {2, "running", Kind::Message, &kRunning},
                                         {3, "terminated", Kind::Message, &kTerminated}};
constexpr Message kState{kStateFields};
constexpr MessageField kContainerFields[] = {
    {1, "name", Kind::Text},  {2, "state", Kind::Message, &kState}, {3, "lastState", Kind::Message, &kState},
    {4, "ready", Kind::Flag}, {5, "restartCount", Kind::Number},    {9, "started", Kind::Flag}};
constexpr Message kContainer{kContainerFields};
constexpr MessageField kConditionFields[] = {
    {1, "type", Kind::Text}, {2, "status", Kind::Text}, {5, "reason", Kind::Text}, {6, "message", Kind::Text}};
constexpr Message kCondition{kConditionFields};
constexpr MessageField kStatusFields[] = {{1, "phase", Kind::Text},
                                          {2, "conditions", Kind::List, &kCondition},
                                          {3, "message", Kind::Text},
                                          {4, "reason", Kind::Text},
                                          {8, "containerStatuses", Kind::List, &kContainer},
                                          {10, "initContainerStatuses", Kind::List, &kContainer}};
constexpr Message kStatus{kStatusFields};
constexpr MessageField kSpecFields[] = {{10, "nodeName", Kind::Text}};
constexpr Message kSpec{kSpecFields};
constexpr MessageField kOwnerFields[] = {{1, "kind", Kind::Text},
                                         {3, "name", Kind::Text},
                                         {4, "uid", Kind::Text},
                                         {5, "apiVersion", Kind::Text},
                                         {6, "controller", Kind::Flag}};
constexpr Message kOwner{kOwnerFields};
constexpr MessageField kMetaFields[] = {{1, "name", Kind::Text},
                                        {3, "namespace", Kind::Text},
                                        {5, "uid", Kind::Text},
                                        {6, "resourceVersion", Kind::Text},
                                        {8, "creationTimestamp", Kind::Time},
                                        {9, "deletionTimestamp", Kind::Time},
                                        {11, "labels", Kind::Map},
                                        {12, "annotations", Kind::Map},
                                        {13, "ownerReferences", Kind::List, &kOwner}};
constexpr Message kMeta{kMetaFields};
constexpr MessageField kPodFields[] = {
    {1, "metadata", Kind::Message, &kMeta}, {2, "spec", Kind::Message, &kSpec}, {3, "status", Kind::Message, &kStatus}};
constexpr Message kPod{kPodFields};

/// Of the envelope (runtime.Unknown), a list and its metadata.
constexpr std::string_view kMagic("k8s\0", 4);
constexpr std::uint32_t kRaw = 2, kListMeta = 1, kItems = 2, kResourceVersion = 2, kContinue = 3;

/// Seconds since 1970; the API knows no times outside of four-digit years.
Result<json> timeOf(std::string_view bytes) {
    constexpr std::int64_t kLastSecond = 253'402'300'799;
    ProtobufReader reader(bytes);
    std::int64_t seconds = 0;
    while (TRY(reader.next())) {
        if (reader.field() == 1)
            seconds = reader.number();
    }
    return json(toIso8601(SystemTime(std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, kLastSecond)))));
}

Result<void> addEntry(json& map, std::string_view bytes) {
    ProtobufReader reader(bytes);
    std::string key, value;
    while (TRY(reader.next()))
        (reader.field() == 1 ? key : value) = reader.bytes();
    if (!isUtf8(key) || !isUtf8(value))
        return fail(ErrorCode::InvalidInput, "A label or an annotation of a Pod is no UTF-8.");
    map[key] = value;
    return {};
}

Result<json> objectOf(std::string_view bytes, const Message& message);

Result<void> addField(json& object, const MessageField& field, const ProtobufReader& reader) {
    switch (field.kind) {
    case Kind::Text:
        if (!isUtf8(reader.bytes()))
            return fail(ErrorCode::InvalidInput, "The {} of a Pod is no UTF-8.", field.name);
        if (!reader.bytes().empty())
            object[field.name] = std::string(reader.bytes());
        return {};
    case Kind::Number:
        object[field.name] = reader.number();
        return {};
    case Kind::Flag:
        object[field.name] = reader.number() != 0;
        return {};
    case Kind::Time:
        object[field.name] = TRY(timeOf(reader.bytes()));
        return {};
    case Kind::Map:
        return addEntry(object[field.name], reader.bytes());
    case Kind::Message:
        object[field.name] = TRY(objectOf(reader.bytes(), *field.message));
        return {};
    case Kind::List:
        break;
    }
    object[field.name].push_back(TRY(objectOf(reader.bytes(), *field.message)));
    return {};
}

/// As deep as the tables above are.
Result<json> objectOf(std::string_view bytes, const Message& message) {
    json object = json::object();
    ProtobufReader reader(bytes);
    while (TRY(reader.next())) {
        const auto field = std::ranges::find(message.fields, reader.field(), &MessageField::number);
        if (field != message.fields.end() && field->number != 0)
            TRY(addField(object, *field, reader));
    }
    return object;
}

Result<PageEnd> pageEndOf(std::string_view bytes) {
    PageEnd end;
    ProtobufReader reader(bytes);
    while (TRY(reader.next())) {
        if (reader.field() == kResourceVersion)
            end.resourceVersion = reader.bytes();
        if (reader.field() == kContinue)
            end.next = reader.bytes();
    }
    return end;
}

} // namespace

Result<PageEnd> readPodPage(std::string_view bytes, ObjectSink& sink) {
    if (!bytes.starts_with(kMagic))
        return fail(ErrorCode::InvalidInput, "The API server's answer is no list in Protocol Buffers.");
    ProtobufReader envelope(bytes.substr(kMagic.size()));
    std::string_view list;
    while (TRY(envelope.next())) {
        if (envelope.field() == kRaw)
            list = envelope.bytes();
    }
    PageEnd end;
    ProtobufReader reader(list);
    while (TRY(reader.next())) {
        if (reader.field() == kListMeta)
            end = TRY(pageEndOf(reader.bytes()));
        else if (reader.field() == kItems)
            sink.put(TRY(objectOf(reader.bytes(), kPod)));
    }
    return end;
}

} // namespace perch::kube
