// What is known about a trained head: figures on lines that it had not learned.

/// The measure of a head, and of the rules and the head together.
public struct NoiseHeadReport: Sendable, Hashable, Codable {
    /// Different lines in each part.
    public struct Counts: Sendable, Hashable, Codable {
        public var cleanTraining = 0
        public var cleanCalibration = 0
        public var cleanTest = 0
        public var noiseTraining = 0
        public var noiseTest = 0
        /// Lines that say the same as another one, or that are called both clean and noise.
        public var leftOut = 0
    }

    /// A penalty and the mean area under the curve of the folds.
    public struct Candidate: Sendable, Hashable, Codable {
        public let penalty: Double
        public let areaUnderCurve: Double
    }

    /// Figures at the threshold and over all thresholds; noise is what is looked for.
    public struct Measures: Sendable, Hashable, Codable {
        /// The share of pairs of a noise and a clean line in which the noise has the larger score.
        public let areaUnderCurve: ConfidenceInterval
        public let averagePrecision: Double
        /// Of what is dropped, the share that is noise. Depends on how much noise the lines hold.
        public let precision: ConfidenceInterval?
        /// The share of the noise that is dropped.
        public let recall: ConfidenceInterval
        public let f1: ConfidenceInterval?
        /// The share of the clean lines that is dropped.
        public let cleanDropRate: ConfidenceInterval
    }

    /// One kind of noise against all clean lines.
    public struct KindMeasures: Sendable, Hashable, Codable {
        public let kind: String
        public let lines: Int
        public let areaUnderCurve: ConfidenceInterval
        public let recall: ConfidenceInterval
        /// With the rules before the head.
        public let recallWithRules: ConfidenceInterval
        /// By a head that was trained and calibrated without any noise of this kind; nil if that was not measured.
        public let unseenAreaUnderCurve: ConfidenceInterval?
        public let unseenRecall: ConfidenceInterval?
        /// The same with the rules before that head.
        public let unseenAreaUnderCurveWithRules: ConfidenceInterval?
    }

    /// The clean lines of one source.
    public struct SourceMeasures: Sendable, Hashable, Codable {
        public let source: String
        public let lines: Int
        public let dropRate: ConfidenceInterval
        public let dropRateWithRules: ConfidenceInterval
    }

    /// A point of the curve of precision and recall.
    public struct CurvePoint: Sendable, Hashable, Codable {
        public let threshold: Double
        public let precision: Double
        public let recall: Double
    }

    public let encoder: String
    public let counts: Counts
    public let candidates: [Candidate]
    public let penalty: Double
    public let threshold: Double
    /// Of the clean lines on which the threshold was set.
    public let calibrationDropRate: ConfidenceInterval
    /// The mean of (probability − truth)² over the held-out lines (Brier 1950).
    public let brierScore: Double
    public let head: Measures
    /// The rules on texts first; what they drop counts as the highest score.
    public let withRules: Measures
    public let kinds: [KindMeasures]
    public let sources: [SourceMeasures]
    /// Of the head alone, at most 20 points.
    public let curve: [CurvePoint]

    /// The mean over kinds by heads that had not seen them; nil if that was not measured.
    public var meanUnseenAreaUnderCurve: Double? { Self.mean(kinds.compactMap(\.unseenAreaUnderCurve?.estimate)) }
    /// The same with the rules.
    public var meanUnseenAreaUnderCurveWithRules: Double? {
        Self.mean(kinds.compactMap(\.unseenAreaUnderCurveWithRules?.estimate))
    }

    private static func mean(_ values: [Double]) -> Double? {
        values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }
}

extension NoiseHeadReport: CustomStringConvertible {
    /// A table for people.
    public var description: String {
        var lines = [
            "encoder \(encoder); clean lines: \(counts.cleanTraining) learned, \(counts.cleanCalibration) for the threshold, "
                + "\(counts.cleanTest) held out; noise: \(counts.noiseTraining) learned, \(counts.noiseTest) held out; "
                + "\(counts.leftOut) left out as duplicates",
            "penalty \(penalty) of "
                + candidates.map { "\($0.penalty): \(Self.text($0.areaUnderCurve))" }.joined(separator: ", ")
                + " (mean AUC of the folds)",
            "threshold \(Self.text(threshold)); it drops \(Self.percent(calibrationDropRate)) of the clean lines it was set on",
            "",
            "held out           head alone               rules and head",
        ]
        func row(_ name: String, _ value: (Measures) -> ConfidenceInterval?) {
            lines.append(
                name.padded(to: 18) + Self.text(value(head)).padded(to: 25) + Self.text(value(withRules))
            )
        }
        row("AUC") { $0.areaUnderCurve }
        row("precision") { $0.precision }
        row("recall") { $0.recall }
        row("F1") { $0.f1 }
        row("clean dropped") { $0.cleanDropRate }
        lines.append(
            "average precision ".padded(to: 18) + Self.text(head.averagePrecision).padded(to: 25)
                + Self.text(withRules.averagePrecision)
        )
        lines.append("Brier score       " + Self.text(brierScore))
        lines += ["", "clean lines of     lines   head drops               rules and head drop"]
        for source in sources {
            lines.append(
                source.source.padded(to: 18) + "\(source.lines)".padded(to: 8)
                    + Self.percent(source.dropRate).padded(to: 25)
                    + Self.percent(source.dropRateWithRules)
            )
        }
        lines += [
            "", "noise              lines   AUC     recall  with rules | kind never seen: AUC  recall  AUC with rules",
        ]
        for kind in kinds {
            lines.append(
                kind.kind.padded(to: 18) + "\(kind.lines)".padded(to: 8)
                    + Self.text(kind.areaUnderCurve.estimate).padded(to: 8)
                    + Self.text(kind.recall.estimate).padded(to: 8)
                    + Self.text(kind.recallWithRules.estimate).padded(to: 11) + "|".padded(to: 19)
                    + Self.text(kind.unseenAreaUnderCurve?.estimate).padded(to: 7)
                    + Self.text(kind.unseenRecall?.estimate).padded(to: 8)
                    + Self.text(kind.unseenAreaUnderCurveWithRules?.estimate)
            )
        }
        if let mean = meanUnseenAreaUnderCurve {
            lines.append(
                "mean over kinds never seen: AUC \(Self.text(mean)), with rules \(Self.text(meanUnseenAreaUnderCurveWithRules))"
            )
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func text(_ value: Double?) -> String {
        guard let value else { return "-" }
        let digits = "\(Int((abs(value) * 10_000).rounded()))"
        let padded = String(repeating: "0", count: max(0, 5 - digits.count)) + digits
        return (value < 0 ? "-" : "") + padded.dropLast(4) + "." + padded.suffix(4)
    }

    private static func text(_ interval: ConfidenceInterval?) -> String {
        guard let interval else { return "-" }
        return "\(text(interval.estimate)) [\(text(interval.lower)), \(text(interval.upper))]"
    }

    private static func percent(_ interval: ConfidenceInterval) -> String {
        func percent(_ value: Double) -> String {
            let hundredths = Int((value * 10_000).rounded())
            let rest = hundredths % 100
            return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
        }
        return "\(percent(interval.estimate)) % [\(percent(interval.lower)), \(percent(interval.upper))]"
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(1, width - count))
    }
}
