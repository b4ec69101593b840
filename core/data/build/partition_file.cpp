#include "core/data/build/partition_file.h"

#include <utility>

namespace perch::data {

namespace {

constexpr std::size_t kChunk = std::size_t{64} << 10;

} // namespace

PartitionFile::PartitionFile(std::filesystem::path folder, std::size_t inMemory)
    : m_folder(std::move(folder)), m_inMemory(inMemory), m_buffers(kPartitions), m_chunks(kPartitions) {}

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
    if (!m_file && m_held + buffer.size() > m_inMemory)
        TRY(moveToFile());
    Chunk chunk;
    if (m_file) {
        TRY(write(chunk, buffer));
        buffer.clear();
    } else {
        m_held += buffer.size();
        chunk.held = std::exchange(buffer, {});
    }
    m_chunks[partition].push_back(std::move(chunk));
    return {};
}

Result<void> PartitionFile::write(Chunk& chunk, std::string_view bytes) {
    TRY(m_file->write(m_end, bytes.data(), bytes.size()));
    chunk.position = m_end;
    chunk.bytes = bytes.size();
    m_end += bytes.size();
    return {};
}

Result<void> PartitionFile::moveToFile() {
    m_file = TRY(NamelessFile::create(m_folder));
    for (std::vector<Chunk>& chunks : m_chunks) {
        for (Chunk& chunk : chunks)
            TRY(write(chunk, std::exchange(chunk.held, {})));
    }
    m_held = 0;
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
    if (!chunk.held.empty())
        return std::string_view(chunk.held);
    m_bytes.resize(chunk.bytes);
    TRY(m_file->m_file->read(chunk.position, m_bytes.data(), chunk.bytes));
    return std::string_view(m_bytes);
}

} // namespace perch::data
