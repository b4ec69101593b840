#include "core/data/build/partition_file.h"

namespace perch::data {

namespace {

constexpr std::size_t kChunk = std::size_t{64} << 10;

} // namespace

PartitionFile::PartitionFile(NamelessFile file)
    : m_file(std::move(file)), m_buffers(kPartitions), m_chunks(kPartitions) {}

Result<PartitionFile> PartitionFile::create(const std::filesystem::path& folder) {
    return PartitionFile(TRY(NamelessFile::create(folder)));
}

Result<void> PartitionFile::append(std::size_t partition, std::string_view record) {
    std::string& buffer = m_buffers[partition];
    if (!buffer.empty() && buffer.size() + record.size() > kChunk)
        TRY(flush(partition));
    if (buffer.empty())
        buffer.reserve(kChunk);
    buffer += record;
    return {};
}

Result<void> PartitionFile::flush(std::size_t partition) {
    std::string& buffer = m_buffers[partition];
    if (buffer.empty())
        return {};
    TRY(m_file.write(m_end, buffer.data(), buffer.size()));
    m_chunks[partition].push_back({m_end, buffer.size()});
    m_end += buffer.size();
    buffer.clear();
    return {};
}

Result<void> PartitionFile::finish() {
    for (std::size_t partition = 0; partition < kPartitions; ++partition)
        TRY(flush(partition));
    m_buffers = std::vector<std::string>(kPartitions);
    return {};
}

Result<std::string_view> PartitionFile::Reader::next() {
    const std::vector<Chunk>& chunks = m_file->m_chunks[m_partition];
    if (m_next == chunks.size())
        return std::string_view();
    const Chunk& chunk = chunks[m_next++];
    m_bytes.resize(chunk.bytes);
    TRY(m_file->m_file.read(chunk.position, m_bytes.data(), chunk.bytes));
    return std::string_view(m_bytes);
}

} // namespace perch::data
