// Where to cut a list of logits: quickselect (Hoare 1961) with weights instead of ranks.

/// A logit and what it counts: 1 for top-k, its probability for top-p.
struct WeightedLogit {
    var logit: Float
    var weight: Double
}

/// The largest logit t for which the weights of all logits ≥ t sum to `target` or more; the smallest logit if even all of
/// them do not. Equal logits are never parted. Expected linear time; the items are reordered.
func logitThreshold(of items: inout [WeightedLogit], reaching target: Double) -> Float {
    precondition(!items.isEmpty, "a threshold of no logits")
    return items.withUnsafeMutableBufferPointer { items in
        var low = 0
        var high = items.count
        /// The weight of everything that is larger than items[low..<high].
        var above = 0.0
        while true {
            let pivot = medianOfThree(
                items[low].logit,
                items[low + (high - low) / 2].logit,
                items[high - 1].logit
            )
            // items[low..<larger] > pivot, items[larger..<next] == pivot, items[smaller..<high] < pivot
            var larger = low
            var next = low
            var smaller = high
            var largerWeight = 0.0
            var equalWeight = 0.0
            while next < smaller {
                let item = items[next]
                if item.logit > pivot {
                    largerWeight += item.weight
                    items.swapAt(next, larger)
                    larger += 1
                    next += 1
                } else if item.logit == pivot {
                    equalWeight += item.weight
                    next += 1
                } else {
                    smaller -= 1
                    items.swapAt(next, smaller)
                }
            }
            if larger > low, above + largerWeight >= target {
                high = larger
            } else if above + largerWeight + equalWeight >= target || smaller == high {
                return pivot
            } else {
                above += largerWeight + equalWeight
                low = smaller
            }
        }
    }
}

private func medianOfThree(_ a: Float, _ b: Float, _ c: Float) -> Float {
    max(min(a, b), min(max(a, b), c))
}
