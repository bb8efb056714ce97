// Numbers of a curve: a smoothed twin, and fewer points than a screen has columns.

/// A point of a curve.
package struct CurvePoint: Equatable, Sendable {
    package var x: Double
    package var y: Double

    package init(_ x: Double, _ y: Double) {
        self.x = x
        self.y = y
    }

    /// Whether the value can be drawn: no number and infinity cannot, and values near the largest Double would make the
    /// arithmetic of axes overflow.
    var isDrawable: Bool { abs(y) < 1e300 }
}

package enum CurveData {
    /// The mean over a window of values around each, which is narrower near the ends so that it always reaches as far to the
    /// left as to the right: the curve neither lags behind nor leaves its first and last value. Values that
    /// cannot be drawn are left out.
    package static func smoothed(_ points: [CurvePoint], reach: Int) -> [CurvePoint] {
        let points = points.filter(\.isDrawable)
        var sums = [0.0]
        for point in points { sums.append(sums[sums.count - 1] + point.y) }
        return points.enumerated().map { index, point in
            let reach = min(reach, index, points.count - 1 - index)
            let (first, last) = (index - reach, index + reach + 1)
            return CurvePoint(point.x, (sums[last] - sums[first]) / Double(last - first))
        }
    }

    /// At most two points for each of `columns` equal parts of the x range: the lowest and the highest, so that no peak is
    /// lost.
    package static func thinned(_ points: [CurvePoint], columns: Int) -> [CurvePoint] {
        guard points.count > 2 * columns, let first = points.first, let last = points.last, last.x > first.x else {
            return points
        }
        var kept: [CurvePoint] = []
        var (lowest, highest) = (0, 0)
        var column = -1
        func keep() {
            guard column >= 0 else { return }
            kept.append(points[min(lowest, highest)])
            if lowest != highest { kept.append(points[max(lowest, highest)]) }
        }
        for (index, point) in points.enumerated() {
            let place = min(columns - 1, Int(Double(columns) * (point.x - first.x) / (last.x - first.x)))
            if place != column {
                keep()
                (lowest, highest, column) = (index, index, place)
            } else if point.y < points[lowest].y {
                lowest = index
            } else if point.y > points[highest].y {
                highest = index
            }
        }
        keep()
        return kept
    }

    /// A range to draw the values of these points in. If a few lie so far off that the others would be squeezed together, the range leaves
    /// them out.
    package static func range(_ points: [CurvePoint]) -> ClosedRange<Double>? {
        let sorted = points.filter(\.isDrawable).map(\.y).sorted()
        guard let least = sorted.first, let greatest = sorted.last else { return nil }
        var (low, high) = (least, greatest)
        let margin = sorted.count / 100
        if margin > 0 {
            let (innerLow, innerHigh) = (sorted[margin], sorted[sorted.count - 1 - margin])
            let inner = innerHigh - innerLow
            if inner > 0, high - innerHigh > 2 * inner { high = innerHigh + inner / 2 }
            if inner > 0, innerLow - low > 2 * inner { low = innerLow - inner / 2 }
        }
        if low == high {
            let half = low == 0 ? 0.5 : abs(low) / 10
            return low - half...high + half
        }
        let padding = (high - low) * 0.04
        // An axis of positive numbers should not begin below 0.
        return (low >= 0 ? max(0, low - padding) : low - padding)...high + padding
    }
}
