// A graph as bytes, little-endian: links and labels without the vectors, which their owner keeps.
//
//   "IQHNSW1\0", u32 dimension, u32 links, u32 construction width, i32 highest level, u32 entry slot, u32 zero,
//   u64 seed, u64 count, then for each slot u64 label, u32 level, and for each level from 0 on u32 count, u32 slots...

#pragma once

#include <cstring>
#include <new>

#include "graph.h"

namespace {

constexpr char magic[8] = {'I', 'Q', 'H', 'N', 'S', 'W', '1', '\0'};
constexpr size_t header_size = 48;
/// Levels shrink by the number of links each: 64 would take more elements than memory holds.
constexpr uint32_t maximum_level = 64;

struct Header {
    uint32_t dimension, links, construction_width;
    int32_t highest_level;
    uint32_t entry, zero;
    uint64_t seed, count;
};
static_assert(sizeof(Header) == header_size - sizeof(magic), "the header has no padding");

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "saved graphs are little-endian"
#endif

size_t link_count(const iqh::Index &index, iqh::Slot slot, int level) {
    return *reinterpret_cast<const unsigned short *>(index.get_linklist_at_level(slot, level));
}

class Writer {
public:
    Writer(uint8_t *bytes, size_t size) : bytes_(bytes), size_(size) {}
    void put(const void *data, size_t count) {
        if (count <= size_ - used_ && fits_) {
            memcpy(bytes_ + used_, data, count);
            used_ += count;
        } else {
            fits_ = false;
        }
    }
    template <typename Value>
    void put(const Value &value) {
        put(&value, sizeof(Value));
    }
    bool is_full() const { return fits_ && used_ == size_; }

private:
    uint8_t *bytes_;
    size_t size_, used_ = 0;
    bool fits_ = true;
};

class Reader {
public:
    Reader(const uint8_t *bytes, size_t size) : bytes_(bytes), size_(size) {}
    template <typename Value>
    bool get(Value &value) {
        if (sizeof(Value) > size_ - used_) return false;
        memcpy(&value, bytes_ + used_, sizeof(Value));
        used_ += sizeof(Value);
        return true;
    }
    /// A list of slots that are all below `limit`, into memory with room for `room`.
    bool get_links(hnswlib::linklistsizeint *list, size_t room, uint64_t limit) {
        uint32_t count;
        if (!get(count) || count > room || count * sizeof(iqh::Slot) > size_ - used_) return false;
        memcpy(list + 1, bytes_ + used_, count * sizeof(iqh::Slot));
        used_ += count * sizeof(iqh::Slot);
        *reinterpret_cast<unsigned short *>(list) = static_cast<unsigned short>(count);
        for (uint32_t i = 0; i < count; i++) {
            if (list[1 + i] >= limit) return false;
        }
        return true;
    }
    bool skip(size_t count) {
        if (count > size_ - used_) return false;
        used_ += count;
        return true;
    }
    bool is_at_end() const { return used_ == size_; }

private:
    const uint8_t *bytes_;
    size_t size_, used_ = 0;
};

bool read_header(Reader &reader, int64_t size, Header &header) {
    char start[sizeof(magic)];
    if (!reader.get(start) || memcmp(start, magic, sizeof(magic)) != 0 || !reader.get(header)) return false;
    // An element takes at least its label, its level and the length of one list.
    const uint64_t most = static_cast<uint64_t>(size) / 16;
    return header.dimension >= 1 && header.dimension <= 65536 && header.links >= 2 && header.links <= 256 &&
           header.construction_width >= 1 && header.construction_width <= 65536 && header.zero == 0 &&
           header.count <= most && header.count <= INT32_MAX &&
           (header.count == 0 || (header.entry < header.count && header.highest_level >= 0 &&
                                  header.highest_level <= static_cast<int32_t>(maximum_level)));
}

/// Reads the elements behind the header into an index that has room for them.
bool read_elements(Reader &reader, const Header &header, const float *vectors, iqh::Index &index) {
    for (uint64_t element = 0; element < header.count; element++) {
        const iqh::Slot slot = static_cast<iqh::Slot>(element);
        uint64_t label;
        uint32_t level;
        if (!reader.get(label) || !reader.get(level) || level > maximum_level ||
            static_cast<int32_t>(level) > header.highest_level) {
            return false;
        }
        memset(index.get_linklist0(slot), 0, index.size_data_per_element_);
        if (level > 0) {
            const size_t size = index.size_links_per_element_ * level + 1;
            index.linkLists_[slot] = static_cast<char *>(calloc(size, 1));
            if (index.linkLists_[slot] == nullptr) throw std::bad_alloc();
        }
        // From here on the index frees the lists.
        index.element_levels_[slot] = static_cast<int>(level);
        index.cur_element_count = element + 1;
        if (!index.label_lookup_.emplace(label, slot).second) return false;
        index.setExternalLabel(slot, label);
        memcpy(index.getDataByInternalId(slot), vectors + element * header.dimension, index.data_size_);
        for (uint32_t each = 0; each <= level; each++) {
            if (!reader.get_links(index.get_linklist_at_level(slot, static_cast<int>(each)),
                                  each == 0 ? index.maxM0_ : index.maxM_, header.count)) {
                return false;
            }
        }
    }
    return reader.is_at_end();
}

/// Whether every link of an upper level leads to an element that has that level.
bool levels_agree(const iqh::Index &index) {
    for (iqh::Slot slot = 0; slot < index.cur_element_count; slot++) {
        for (int level = 1; level <= index.element_levels_[slot]; level++) {
            const hnswlib::linklistsizeint *list = index.get_linklist(slot, level);
            for (size_t i = 0; i < link_count(index, slot, level); i++) {
                if (index.element_levels_[list[1 + i]] < level) return false;
            }
        }
    }
    return index.cur_element_count == 0 || index.element_levels_[index.enterpoint_node_] == index.maxlevel_;
}

}  // namespace

int64_t iqh_saved_size(const iqh_graph *graph) {
    const iqh::Index &index = *graph->index;
    size_t size = header_size;
    for (iqh::Slot slot = 0; slot < index.cur_element_count; slot++) {
        size += sizeof(uint64_t) + sizeof(uint32_t);
        for (int level = 0; level <= index.element_levels_[slot]; level++) {
            size += sizeof(uint32_t) + link_count(index, slot, level) * sizeof(iqh::Slot);
        }
    }
    return static_cast<int64_t>(size);
}

iqh_status iqh_save(const iqh_graph *graph, uint8_t *bytes, int64_t size) {
    if (graph->broken) return IQH_BROKEN;
    if (size < static_cast<int64_t>(header_size)) return IQH_INVALID_ARGUMENT;
    const iqh::Index &index = *graph->index;
    Header header{};
    header.dimension = static_cast<uint32_t>(graph->dimension);
    header.links = static_cast<uint32_t>(graph->links);
    header.construction_width = static_cast<uint32_t>(graph->construction_width);
    header.highest_level = index.maxlevel_;
    header.entry = index.enterpoint_node_;
    header.seed = graph->seed;
    header.count = index.cur_element_count;
    Writer writer(bytes, static_cast<size_t>(size));
    writer.put(magic);
    writer.put(header);
    for (iqh::Slot slot = 0; slot < index.cur_element_count; slot++) {
        writer.put(static_cast<uint64_t>(index.getExternalLabel(slot)));
        writer.put(static_cast<uint32_t>(index.element_levels_[slot]));
        for (int level = 0; level <= index.element_levels_[slot]; level++) {
            const size_t count = link_count(index, slot, level);
            writer.put(static_cast<uint32_t>(count));
            writer.put(index.get_linklist_at_level(slot, level) + 1, count * sizeof(iqh::Slot));
        }
    }
    return writer.is_full() ? IQH_OK : IQH_INVALID_ARGUMENT;
}

iqh_status iqh_saved_count(const uint8_t *bytes, int64_t size, int64_t *count, int64_t *dimension) {
    Header header;
    Reader reader(bytes, size < 0 ? 0 : static_cast<size_t>(size));
    if (!read_header(reader, size, header)) return IQH_CORRUPT;
    *count = static_cast<int64_t>(header.count);
    *dimension = header.dimension;
    return IQH_OK;
}

iqh_status iqh_saved_labels(const uint8_t *bytes, int64_t size, uint64_t *labels, int64_t capacity) {
    Header header;
    Reader reader(bytes, size < 0 ? 0 : static_cast<size_t>(size));
    if (!read_header(reader, size, header)) return IQH_CORRUPT;
    if (static_cast<uint64_t>(capacity) < header.count) return IQH_INVALID_ARGUMENT;
    for (uint64_t element = 0; element < header.count; element++) {
        uint32_t level;
        if (!reader.get(labels[element]) || !reader.get(level) || level > maximum_level) return IQH_CORRUPT;
        for (uint32_t each = 0; each <= level; each++) {
            uint32_t count;
            if (!reader.get(count) || !reader.skip(count * sizeof(iqh::Slot))) return IQH_CORRUPT;
        }
    }
    return reader.is_at_end() ? IQH_OK : IQH_CORRUPT;
}

iqh_status iqh_load(const uint8_t *bytes, int64_t size, const float *vectors, int64_t count, int64_t dimension,
                    iqh_graph **graph) {
    *graph = nullptr;
    Header header;
    Reader reader(bytes, size < 0 ? 0 : static_cast<size_t>(size));
    if (!read_header(reader, size, header)) return IQH_CORRUPT;
    if (static_cast<int64_t>(header.count) != count || header.dimension != dimension) return IQH_INVALID_ARGUMENT;
    try {
        // Levels of elements that are added later must not repeat those of the first ones, so the seed moves on.
        std::unique_ptr<iqh_graph> made(
            new iqh_graph(header.dimension, std::max<size_t>(header.count, 16), static_cast<int32_t>(header.links),
                          static_cast<int32_t>(header.construction_width), header.seed));
        made->index->level_generator_.seed(header.seed + header.count);
        made->removed.resize(header.count, false);
        if (!read_elements(reader, header, vectors, *made->index)) return IQH_CORRUPT;
        if (header.count > 0) {
            made->index->maxlevel_ = header.highest_level;
            made->index->enterpoint_node_ = header.entry;
        }
        if (!levels_agree(*made->index)) return IQH_CORRUPT;
        *graph = made.release();
        return IQH_OK;
    } catch (const std::bad_alloc &) {
        return IQH_OUT_OF_MEMORY;
    } catch (...) {
        return IQH_FAILURE;
    }
}
