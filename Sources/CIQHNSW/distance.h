// Scalar products for the graph, chosen by processor.

#pragma once

#include <cstddef>

namespace iqh {

/// 1 − a · b over `*dimension` numbers: hnswlib's form of a distance of similarity.
using Distance = float (*)(const void *a, const void *b, const void *dimension);

/// The plain one, that the others are tested against.
float distance_portable(const void *a, const void *b, const void *dimension);

/// The fastest that this processor runs.
Distance best_distance();

}  // namespace iqh
