// How well scores tell noise from clean lines: pure functions of scores and labels.

/// The interval of a share, after Wilson (1927): holds near 0 and 1, where the normal interval does not.
enum WilsonInterval {
    /// - Returns: nil for none of none.
    static func of(_ count: Int, in total: Int, level: Double = 0.95) -> ConfidenceInterval? {
        guard total > 0 else { return nil }
        let z = NormalDistribution.quantile(0.5 + level / 2)
        let (n, share) = (Double(total), Double(count) / Double(total))
        let center = (share + z * z / (2 * n)) / (1 + z * z / n)
        let half = z / (1 + z * z / n) * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot()
        return ConfidenceInterval(
            estimate: share,
            lower: count == 0 ? 0 : max(0, center - half),
            upper: count == total ? 1 : min(1, center + half),
            level: level
        )
    }
}

/// The area under the receiver operating characteristic with the interval of DeLong, DeLong and Clarke-Pearson (Biometrics 1988),
/// cut to [0, 1].
enum AreaUnderCurve {
    /// - Returns: nil if one side is empty.
    static func of(noise: [Double], clean: [Double], level: Double = 0.95) -> ConfidenceInterval? {
        guard !noise.isEmpty, !clean.isEmpty else { return nil }
        // For each of one side, the share of the other side that it beats.
        let noisePlaces = placements(of: noise, among: clean)
        let cleanPlaces = placements(of: clean, among: noise)
        let area = noisePlaces.reduce(0, +) / Double(noise.count)
        let variance =
            Moments(noisePlaces).variance / Double(noise.count) + Moments(cleanPlaces).variance / Double(clean.count)
        let half = NormalDistribution.quantile(0.5 + level / 2) * variance.squareRoot()
        return ConfidenceInterval(
            estimate: area,
            lower: max(0, area - half),
            upper: min(1, area + half),
            level: level
        )
    }

    /// For each score the share of the others below it, equal ones counting half.
    private static func placements(of scores: [Double], among others: [Double]) -> [Double] {
        let sorted = others.sorted()
        func count(_ isBefore: (Double) -> Bool) -> Int {
            var (low, high) = (0, sorted.count)
            while low < high {
                let middle = (low + high) / 2
                if isBefore(sorted[middle]) { low = middle + 1 } else { high = middle }
            }
            return low
        }
        return scores.map { score in
            let below = count { $0 < score }
            let upTo = count { $0 <= score }
            return (Double(below) + Double(upTo)) / 2 / Double(sorted.count)
        }
    }
}

/// Precision and recall of noise at each score.
enum PrecisionRecall {
    /// Precision at each distinct score from high to low, weighted by the recall that it adds; nil without noise.
    static func averagePrecision(noise: [Double], clean: [Double]) -> Double? {
        let points = points(noise: noise, clean: clean)
        guard !points.isEmpty else { return nil }
        var (area, lastRecall) = (0.0, 0.0)
        for point in points {
            area += (point.recall - lastRecall) * point.precision
            lastRecall = point.recall
        }
        return area
    }

    /// A point of the curve: what dropping from `threshold` on would do.
    struct Point: Sendable, Hashable, Codable {
        let threshold: Double
        let precision: Double
        let recall: Double
    }

    /// One for each distinct score, from high to low.
    static func points(noise: [Double], clean: [Double]) -> [Point] {
        guard !noise.isEmpty else { return [] }
        let all = (noise.map { ($0, true) } + clean.map { ($0, false) }).sorted { $0.0 > $1.0 }
        var points: [Point] = []
        var (found, wrong) = (0, 0)
        for (index, (score, isNoise)) in all.enumerated() {
            if isNoise { found += 1 } else { wrong += 1 }
            if index + 1 < all.count, all[index + 1].0 == score { continue }
            points.append(
                Point(
                    threshold: score,
                    precision: Double(found) / Double(found + wrong),
                    recall: Double(found) / Double(noise.count)
                )
            )
        }
        return points
    }

    /// At most `count` points, evenly spaced in recall.
    static func thinned(_ points: [Point], to count: Int) -> [Point] {
        guard points.count > count else { return points }
        var kept: [Point] = []
        for point in points where point.recall >= Double(kept.count + 1) / Double(count) {
            kept.append(point)
        }
        return kept
    }
}
