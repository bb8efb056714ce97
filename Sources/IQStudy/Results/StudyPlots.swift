// The results as diagrams.

internal import IQInterest
internal import IQTraining

/// The diagrams of a study, by file name.
package enum StudyPlots {
    package static func files(_ results: StudyResults, outline: StudyOutline) -> [String: String] {
        var files: [String: String] = [:]
        if let sampling = results.sampling {
            for (name, measure) in [("n-curve-reward.svg", StudyMeasure.reward), ("n-curve-recall.svg", .recall10)] {
                let points = zip(sampling.counts, sampling.best[measure.name] ?? []).compactMap { count, interval in
                    interval.map { (Double(count), $0) }
                }
                files[name] = chart("Best of N", x: "N", y: measure.name, [("best of N by reward", points)])
            }
        }
        let capacity = [("before GRPO", \StudyOutline.Capacity.before), ("after GRPO", \.after)]
        for (name, measure) in [("capacity-reward.svg", StudyMeasure.reward), ("capacity-recall.svg", .recall10)] {
            let curves = capacity.map { label, path in
                (
                    label,
                    outline.capacity.compactMap { model in
                        results.system(model[keyPath: path].label)?.measures[measure.name].map {
                            (Double(model.layers), $0)
                        }
                    }
                )
            }
            files[name] = chart("Capacity", x: "layers", y: measure.name, curves)
        }
        return files.filter { !$0.value.isEmpty }
    }

    /// Curves with dotted ones for the ends of their intervals; nil without points.
    private static func chart(
        _ title: String,
        x: String,
        y: String,
        _ curves: [(label: String, points: [(x: Double, y: ConfidenceInterval)])]
    ) -> String? {
        let drawn = curves.enumerated().flatMap { run, curve -> [ChartCurve] in
            guard !curve.points.isEmpty else { return [] }
            func line(_ value: (ConfidenceInterval) -> Double, _ style: ChartCurve.Style) -> ChartCurve {
                ChartCurve(points: curve.points.map { CurvePoint($0.x, value($0.y)) }, run: run, style: style)
            }
            return [
                line(\.estimate, .measured), line(\.lower, .validation), line(\.upper, .validation),
            ]
        }
        guard !drawn.isEmpty else { return nil }
        return Chart(title: title, xTitle: x, yTitle: y, curves: drawn)
            .standaloneSVG(legend: curves.map { "\($0.label) (dotted: 95 % interval)" })
    }
}
