// The graph behind the C surface. hnswlib builds it; searching, saving and loading are our own (see the files), because
// hnswlib counts its hops with atomics that threads fight over, and trusts the files it loads.

#pragma once

// Some versions of hnswlib define functions in their headers that are neither static nor inline. So one file alone includes
// them (surface.cpp), and all names are our own, lest they clash with an app's own copy of hnswlib.
#define hnswlib iqh_hnswlib
#define cpuid iqh_hnswlib_cpuid
#define xgetbv iqh_hnswlib_xgetbv
#define AVXCapable iqh_hnswlib_avx_capable
#define AVX512Capable iqh_hnswlib_avx512_capable
#include <hnswlib/hnswlib.h>
#undef cpuid
#undef xgetbv
#undef AVXCapable
#undef AVX512Capable

#include <cstdint>
#include <memory>
#include <vector>

#if defined(__linux__)
#include <sys/mman.h>
#endif

#include "CIQHNSW.h"
#include "distance.h"

namespace iqh {

using Index = hnswlib::HierarchicalNSW<float>;
/// An element's place in the graph.
using Slot = hnswlib::tableint;

/// The scalar product over vectors of one dimension.
class ScalarProductSpace : public hnswlib::SpaceInterface<float> {
public:
    explicit ScalarProductSpace(size_t dimension) : dimension_(dimension), distance_(best_distance()) {}
    size_t get_data_size() override { return dimension_ * sizeof(float); }
    hnswlib::DISTFUNC<float> get_dist_func() override { return distance_; }
    void *get_dist_func_param() override { return &dimension_; }

private:
    size_t dimension_;
    Distance distance_;
};

struct Found {
    float distance;
    Slot slot;
};

/// Asks for large pages behind vectors and links: a search jumps through all of this memory, and with small pages it waits for
/// the page tables more than for the data. Only a wish: where it is refused, everything works as before.
inline void prefer_large_pages(const Index &index) {
#if defined(__linux__)
    constexpr uintptr_t large_page = uintptr_t{1} << 21;
    const uintptr_t memory = reinterpret_cast<uintptr_t>(index.data_level0_memory_);
    const uintptr_t first = (memory + large_page - 1) & ~(large_page - 1);
    const uintptr_t last = (memory + index.max_elements_ * index.size_data_per_element_) & ~(large_page - 1);
    if (first < last) (void)madvise(reinterpret_cast<void *>(first), last - first, MADV_HUGEPAGE);
#else
    (void)index;
#endif
}

}  // namespace iqh

struct iqh_graph {
    iqh_graph(size_t dimension, size_t capacity, int32_t links, int32_t width, uint64_t seed)
        : dimension(dimension), links(links), construction_width(width), seed(seed), space(dimension),
          index(new iqh::Index(&space, capacity, static_cast<size_t>(links), static_cast<size_t>(width), seed)) {
        iqh::prefer_large_pages(*index);
    }

    const size_t dimension;
    const int32_t links;
    const int32_t construction_width;
    const uint64_t seed;
    iqh::ScalarProductSpace space;
    std::unique_ptr<iqh::Index> index;
    /// For each slot whether searches pass it over. hnswlib's own marks are not used: while adding it would take no links to
    /// marked elements, and fail where all of a neighbourhood are marked.
    std::vector<bool> removed;
    size_t removed_count = 0;
    bool broken = false;
};
