#include "core/registry/embedded_registry.h"
#include "core/registry/publish_package.h"
#include "tests/support/test_support.h"

namespace perch::registry {
namespace {

using test::failsWith;
using test::valueOf;
using testing::HasSubstr;

class PublishPackage : public testing::Test {
protected:
    model::PackageParts parts(double threshold = 0.5) const {
        model::PackageParts made;
        made.card = {.model = m_churn,
                     .label = "y",
                     .classes = {"no", "yes"},
                     .threshold = threshold,
                     .trainedAt = fromMillis(5'000),
                     .metrics = {{"f1", 0.5}}};
        made.booster = "booster";
        made.capsule = R"({"parameters":{"eta":"0.05"},"rounds":20,"split":{"seed":42},
            "fingerprint":{"digest":"ab12","source":"t.csv"},"versions":{"perch":"0.1.0"}})";
        made.check = "{}";
        return made;
    }
    std::size_t stored() const {
        if (!std::filesystem::exists(m_workspace.packages()))
            return 0;
        return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(m_workspace.packages()), {}));
    }

    test::Folder m_folder;
    ModelName m_churn = valueOf(ModelName::parse("churn"));
    ManualClock m_clock{fromMillis(9'000)};
    Workspace m_workspace = valueOf(Workspace::open(m_folder / "workspace"));
    std::unique_ptr<EmbeddedRegistry> m_registry = valueOf(EmbeddedRegistry::open(m_workspace, m_clock));
};

TEST_F(PublishPackage, TheFirstAcceptedVersionIsChampionLaterOnesChallenger) {
    const auto publish = [&](double threshold, std::optional<bool> accepted) {
        return valueOf(publishPackage(*m_registry, m_workspace.packages(), parts(threshold), accepted, "anna@desk"));
    };
    const Publication undecided = publish(0.1, std::nullopt), first = publish(0.2, true), second = publish(0.3, true),
                      third = publish(0.4, true);
    EXPECT_EQ(undecided.alias, std::nullopt);
    EXPECT_EQ(undecided.record.version, Version{1});
    EXPECT_EQ(first.alias, kChampion);
    EXPECT_EQ(second.alias, kChallenger);
    EXPECT_EQ(third.alias, kChallenger);
    const std::map<std::string, Version> aliases = valueOf(m_registry->aliases(m_churn));
    EXPECT_EQ(aliases, (std::map<std::string, Version>{{kChampion, Version{2}}, {kChallenger, Version{4}}}));
    EXPECT_EQ(stored(), 4U);
}

TEST_F(PublishPackage, TheRecordTellsTheLineage) {
    const Publication made = valueOf(publishPackage(*m_registry, m_workspace.packages(), parts(), true, "anna@desk"));
    const VersionRecord record = valueOf(m_registry->version(m_churn, Version{1}));
    EXPECT_EQ(record.digest, model::digestOf(parts()));
    EXPECT_TRUE(std::filesystem::exists(record.package / "manifest.json")) << record.package;
    EXPECT_EQ(record.fingerprint, "ab12");
    EXPECT_EQ(record.dataSource, "t.csv");
    EXPECT_EQ(record.codeVersion, "0.1.0");
    EXPECT_EQ(record.createdBy, "anna@desk");
    EXPECT_EQ(record.createdAt, fromMillis(5'000));
    EXPECT_EQ(record.parameters.at("eta"), "0.05");
    EXPECT_EQ(record.parameters.at("rounds"), "20");
    EXPECT_EQ(record.metrics.at("f1"), 0.5);
    EXPECT_EQ(made.record.accepted, true);
}

/// A registry that fails at the worst moment.
class FailingRegistry final : public Registry {
public:
    Result<std::vector<ModelName>> models() override { return gone(); }
    Result<std::vector<VersionRecord>> versions(const ModelName&) override { return gone(); }
    Result<VersionRecord> version(const ModelName&, Version) override { return gone(); }
    Result<VersionRecord> add(NewVersion) override { return gone(); }
    Result<std::map<std::string, Version>> aliases(const ModelName&) override { return gone(); }
    Result<void> moveAlias(const ModelName&, std::string_view, std::optional<Version>, std::optional<Version>,
                           const std::string&, const std::string&) override {
        return gone();
    }
    Result<std::vector<AliasRecord>> aliasHistory(const ModelName&, std::string_view) override { return gone(); }
    Result<std::optional<Version>> aliasAt(const ModelName&, std::string_view, SystemTime) override { return gone(); }

private:
    static Error gone() { return fail(ErrorCode::Unavailable, "The registry is gone."); }
};

TEST_F(PublishPackage, LeavesTheStoreAsItWasWhenItCannotRegister) {
    FailingRegistry failing;
    EXPECT_THAT(publishPackage(failing, m_workspace.packages(), parts(), true, "anna"),
                failsWith(ErrorCode::Unavailable, HasSubstr("gone")));
    EXPECT_EQ(stored(), 0U);
    model::PackageParts broken = parts();
    broken.capsule = "{}";
    EXPECT_THAT(publishPackage(*m_registry, m_workspace.packages(), broken, true, "anna"),
                failsWith(ErrorCode::Corrupt, HasSubstr("capsule")));
    EXPECT_EQ(stored(), 0U);
}

} // namespace
} // namespace perch::registry
