// Searching the graph: algorithm 5 of Malkov and Yashunin over hnswlib's memory.

#pragma once

#include <algorithm>

#include "graph.h"

namespace iqh {

namespace {

/// A visited list for the length of a search.
class Visited {
public:
    explicit Visited(const Index &index) : pool_(index.visited_list_pool_), list_(pool_->getFreeVisitedList()) {}
    ~Visited() { pool_->releaseVisitedList(list_); }
    Visited(const Visited &) = delete;
    Visited &operator=(const Visited &) = delete;

    /// Whether the slot is new; it is not from then on.
    bool insert(Slot slot) {
        if (list_->mass[slot] == list_->curV) return false;
        list_->mass[slot] = list_->curV;
        return true;
    }
    void prefetch(Slot slot) const { __builtin_prefetch(list_->mass + slot); }

private:
    decltype(Index::visited_list_pool_) const &pool_;
    hnswlib::VisitedList *list_;
};

bool farther(const Found &a, const Found &b) { return a.distance < b.distance; }
bool nearer(const Found &a, const Found &b) { return a.distance > b.distance; }

/// Cache lines of a vector that are asked for before it is read; the processor fetches the rest itself.
constexpr size_t prefetched_lines = 6;

void prefetch_vector(const Index &index, Slot slot) {
    const char *data = index.getDataByInternalId(slot);
    const size_t lines = std::min(prefetched_lines, (index.data_size_ + 63) / 64);
    for (size_t line = 0; line < lines; line++) __builtin_prefetch(data + 64 * line);
}

/// Links of an element on a level.
const Slot *links(const Index &index, Slot slot, int level, size_t &count) {
    const hnswlib::linklistsizeint *list = index.get_linklist_at_level(slot, level);
    count = *reinterpret_cast<const unsigned short *>(list);
    return list + 1;
}

/// The nearest element to the query that greedy steps on the upper levels reach.
Found descend(const iqh_graph &graph, const float *query) {
    const Index &index = *graph.index;
    Found nearest{0, index.enterpoint_node_};
    nearest.distance =
        index.fstdistfunc_(query, index.getDataByInternalId(nearest.slot), index.dist_func_param_);
    for (int level = index.maxlevel_; level > 0; level--) {
        bool moved = true;
        while (moved) {
            moved = false;
            size_t count;
            const Slot *next = links(index, nearest.slot, level, count);
            for (size_t i = 0; i < count; i++) prefetch_vector(index, next[i]);
            for (size_t i = 0; i < count; i++) {
                const float distance =
                    index.fstdistfunc_(query, index.getDataByInternalId(next[i]), index.dist_func_param_);
                if (distance < nearest.distance) {
                    nearest = {distance, next[i]};
                    moved = true;
                }
            }
        }
    }
    return nearest;
}

}  // namespace

/// The best `width` elements for a query, best first, removed ones left out.
inline void search(const iqh_graph &graph, const float *query, size_t width, std::vector<Found> &result) {
    result.clear();
    const Index &index = *graph.index;
    if (index.cur_element_count == 0) return;
    const bool has_removed = graph.removed_count > 0;
    const auto is_live = [&](Slot slot) { return !has_removed || !graph.removed[slot]; };

    Visited visited(index);
    const Found start = descend(graph, query);
    // `result` is a heap with the farthest on top, `open` one with the nearest on top.
    std::vector<Found> open{start};
    open.reserve(4 * width);
    if (is_live(start.slot)) result.push_back(start);
    visited.insert(start.slot);
    std::vector<Slot> fresh;
    fresh.reserve(2 * static_cast<size_t>(graph.links));

    while (!open.empty()) {
        std::pop_heap(open.begin(), open.end(), nearer);
        const Found current = open.back();
        open.pop_back();
        if (result.size() == width && current.distance > result.front().distance) break;
        size_t count;
        const Slot *next = links(index, current.slot, 0, count);
        for (size_t i = 0; i < count; i++) visited.prefetch(next[i]);
        fresh.clear();
        for (size_t i = 0; i < count; i++) {
            if (!visited.insert(next[i])) continue;
            prefetch_vector(index, next[i]);
            fresh.push_back(next[i]);
        }
        for (const Slot slot : fresh) {
            const float distance =
                index.fstdistfunc_(query, index.getDataByInternalId(slot), index.dist_func_param_);
            if (result.size() == width && distance >= result.front().distance) continue;
            open.push_back({distance, slot});
            std::push_heap(open.begin(), open.end(), nearer);
            if (!is_live(slot)) continue;
            if (result.size() == width) {
                std::pop_heap(result.begin(), result.end(), farther);
                result.back() = {distance, slot};
            } else {
                result.push_back({distance, slot});
            }
            std::push_heap(result.begin(), result.end(), farther);
        }
        // The one that comes next, if nothing nearer turns up.
        if (!open.empty()) __builtin_prefetch(index.get_linklist0(open.front().slot));
    }
    std::sort(result.begin(), result.end(), [&](const Found &a, const Found &b) {
        return a.distance != b.distance ? a.distance < b.distance
                                        : index.getExternalLabel(a.slot) < index.getExternalLabel(b.slot);
    });
}

}  // namespace iqh
