// The C surface: arguments checked, exceptions turned into status codes.

#include <algorithm>
#include <new>
#include <system_error>
#include <thread>

#include "graph.h"
#include "saving.h"
#include "search.h"

namespace {

/// Runs C++ that may throw.
template <typename Body>
iqh_status guarded(Body body) {
    try {
        return body();
    } catch (const std::bad_alloc &) {
        return IQH_OUT_OF_MEMORY;
    } catch (const std::system_error &) {
        return IQH_THREAD_FAILURE;
    } catch (...) {
        return IQH_FAILURE;
    }
}

}  // namespace

iqh_status iqh_create(int64_t dimension, int64_t capacity, int32_t links, int32_t construction_width, uint64_t seed,
                      iqh_graph **graph) {
    *graph = nullptr;
    if (dimension < 1 || dimension > 65536 || capacity < 0 || capacity > INT32_MAX || links < 2 || links > 256 ||
        construction_width < 1 || construction_width > 65536) {
        return IQH_INVALID_ARGUMENT;
    }
    return guarded([&] {
        *graph = new iqh_graph(static_cast<size_t>(dimension), static_cast<size_t>(std::max<int64_t>(capacity, 16)),
                               links, construction_width, seed);
        return IQH_OK;
    });
}

void iqh_destroy(iqh_graph *graph) { delete graph; }

int64_t iqh_count(const iqh_graph *graph) { return static_cast<int64_t>(graph->index->cur_element_count); }
int64_t iqh_removed_count(const iqh_graph *graph) { return static_cast<int64_t>(graph->removed_count); }
int64_t iqh_dimension(const iqh_graph *graph) { return static_cast<int64_t>(graph->dimension); }

iqh_status iqh_add(iqh_graph *graph, const uint64_t *labels, const float *vectors, int64_t count) {
    if (graph->broken) return IQH_BROKEN;
    if (count < 0 || count > INT32_MAX) return IQH_INVALID_ARGUMENT;
    iqh::Index &index = *graph->index;
    for (int64_t i = 0; i < count; i++) {
        if (index.label_lookup_.count(labels[i]) > 0) return IQH_DUPLICATE;
    }
    const iqh_status status = guarded([&] {
        const size_t needed = index.cur_element_count + static_cast<size_t>(count);
        if (needed > INT32_MAX) return IQH_INVALID_ARGUMENT;
        if (needed > index.max_elements_) {
            index.resizeIndex(std::max(needed, index.max_elements_ * 3 / 2));
            iqh::prefer_large_pages(index);
        }
        graph->removed.resize(needed, false);
        for (int64_t i = 0; i < count; i++) {
            // A label that comes twice in one call.
            if (index.label_lookup_.count(labels[i]) > 0) return IQH_DUPLICATE;
            index.addPoint(vectors + static_cast<size_t>(i) * graph->dimension, labels[i], -1);
        }
        return IQH_OK;
    });
    if (status != IQH_OK && status != IQH_INVALID_ARGUMENT) graph->broken = true;
    return status;
}

iqh_status iqh_remove(iqh_graph *graph, uint64_t label) {
    if (graph->broken) return IQH_BROKEN;
    const auto place = graph->index->label_lookup_.find(label);
    if (place == graph->index->label_lookup_.end() || graph->removed[place->second]) return IQH_OK;
    graph->removed[place->second] = true;
    graph->removed_count++;
    return IQH_OK;
}

iqh_status iqh_search(const iqh_graph *graph, const float *queries, int64_t count, int32_t k, int32_t width,
                      int32_t threads, uint64_t *labels, float *scores, int32_t *found) {
    if (graph->broken) return IQH_BROKEN;
    if (count < 0 || k < 1 || width < 1 || threads < 1 || threads > 256) return IQH_INVALID_ARGUMENT;
    const auto part = [=](int64_t first, int64_t last) {
        return guarded([&] {
            std::vector<iqh::Found> result;
            for (int64_t query = first; query < last; query++) {
                iqh::search(*graph, queries + static_cast<size_t>(query) * graph->dimension,
                            static_cast<size_t>(std::max(k, width)), result);
                const size_t kept = std::min(result.size(), static_cast<size_t>(k));
                const size_t row = static_cast<size_t>(query) * static_cast<size_t>(k);
                for (size_t i = 0; i < kept; i++) {
                    labels[row + i] = graph->index->getExternalLabel(result[i].slot);
                    scores[row + i] = 1 - result[i].distance;
                }
                found[query] = static_cast<int32_t>(kept);
            }
            return IQH_OK;
        });
    };
    const int64_t parts = std::min<int64_t>(threads, std::max<int64_t>(count, 1));
    if (parts == 1) return part(0, count);
    std::vector<iqh_status> statuses;
    std::vector<std::thread> workers;
    const iqh_status status = guarded([&] {
        statuses.assign(static_cast<size_t>(parts), IQH_OK);
        workers.reserve(static_cast<size_t>(parts));
        for (int64_t i = 1; i < parts; i++) {
            workers.emplace_back(
                [&, i] { statuses[static_cast<size_t>(i)] = part(count * i / parts, count * (i + 1) / parts); });
        }
        statuses[0] = part(0, count / parts);
        return IQH_OK;
    });
    for (std::thread &worker : workers) worker.join();
    if (status != IQH_OK) return status;
    for (const iqh_status each : statuses) {
        if (each != IQH_OK) return each;
    }
    return IQH_OK;
}
