// The figures of a report, from the lines that were held out.

internal import IQTensor

struct HeadMeasurement {
    let fitter: HeadFitter
    let fitted: FittedHead
    let rules: CleaningOptions

    private var set: TrainingSet { fitter.set }

    func report(encoder: String, candidates: [NoiseHeadReport.Candidate], penalty: Double) throws -> NoiseHeadReport {
        let (noise, clean) = (set.indices(.test, isNoise: true), set.indices(.test, isNoise: false))
        let (noiseScores, cleanScores) = (
            fitter.probabilities(fitted.model, noise), fitter.probabilities(fitted.model, clean)
        )
        let (noiseHits, cleanHits) = (noise.map(isDroppedByRules), clean.map(isDroppedByRules))
        let calibration = set.indices(.calibration, isNoise: false).count
        var counts = NoiseHeadReport.Counts()
        counts.cleanTraining = set.indices(.training, isNoise: false).count
        counts.cleanCalibration = calibration
        counts.cleanTest = clean.count
        counts.noiseTraining = set.indices(.training, isNoise: true).count
        counts.noiseTest = noise.count
        counts.leftOut = set.leftOut
        let squares =
            noiseScores.reduce(0) { $0 + (1 - $1) * (1 - $1) } + cleanScores.reduce(0) { $0 + $1 * $1 }
        return NoiseHeadReport(
            encoder: encoder,
            counts: counts,
            candidates: candidates,
            penalty: penalty,
            threshold: fitted.threshold,
            calibrationDropRate: share(fitted.calibrationDrops, calibration),
            brierScore: squares / Double(noise.count + clean.count),
            head: measures(noiseScores, cleanScores),
            withRules: measures(
                Self.raised(noiseScores, where: noiseHits),
                Self.raised(cleanScores, where: cleanHits)
            ),
            kinds: try kinds(noise, noiseScores, noiseHits, clean, cleanScores, cleanHits, penalty: penalty),
            sources: sources(clean, cleanScores, cleanHits),
            curve: PrecisionRecall.thinned(
                PrecisionRecall.points(noise: noiseScores, clean: cleanScores),
                to: 20
            ).map { .init(threshold: $0.threshold, precision: $0.precision, recall: $0.recall) }
        )
    }

    private func isDroppedByRules(_ index: Int) -> Bool { rules.reason(against: set.lines[index].text) != nil }

    /// What a rule drops is above every probability.
    private static func raised(_ scores: [Double], where hits: [Bool]) -> [Double] {
        zip(scores, hits).map { $1 ? 2 : $0 }
    }

    private func share(_ count: Int, _ total: Int) -> ConfidenceInterval {
        WilsonInterval.of(count, in: total) ?? ConfidenceInterval(estimate: 0, lower: 0, upper: 1, level: 0.95)
    }

    /// Of two sides that are not empty; a set of lines without them was refused.
    private func area(_ noise: [Double], _ clean: [Double]) -> ConfidenceInterval {
        AreaUnderCurve.of(noise: noise, clean: clean)
            ?? ConfidenceInterval(estimate: 0.5, lower: 0, upper: 1, level: 0.95)
    }

    private func drops(_ scores: [Double], at threshold: Double) -> Int { scores.count { $0 >= threshold } }

    private func measures(_ noise: [Double], _ clean: [Double]) -> NoiseHeadReport.Measures {
        let found = drops(noise, at: fitted.threshold)
        let wrong = drops(clean, at: fitted.threshold)
        return .init(
            areaUnderCurve: area(noise, clean),
            averagePrecision: PrecisionRecall.averagePrecision(noise: noise, clean: clean) ?? 0,
            precision: WilsonInterval.of(found, in: found + wrong),
            recall: share(found, noise.count),
            f1: f1(found: found, missed: noise.count - found, wrong: wrong, total: noise.count + clean.count),
            cleanDropRate: share(wrong, clean.count)
        )
    }

    /// The percentile interval of F1 over 1,000 resamplings of the lines.
    private func f1(found: Int, missed: Int, wrong: Int, total: Int) -> ConfidenceInterval? {
        func f1(_ found: Int, _ missed: Int, _ wrong: Int) -> Double {
            let all = 2 * found + missed + wrong
            return all == 0 ? 0 : 2 * Double(found) / Double(all)
        }
        guard found + missed > 0 else { return nil }
        var random = RandomStream(seed: fitter.options.seed, stream: Self.stream)
        var values: [Double] = []
        for _ in 0..<Self.resamples {
            var drawn = (found: 0, missed: 0, wrong: 0)
            for _ in 0..<total {
                let place = random.uniform(below: total)
                if place < found {
                    drawn.found += 1
                } else if place < found + missed {
                    drawn.missed += 1
                } else if place < found + missed + wrong {
                    drawn.wrong += 1
                }
            }
            values.append(f1(drawn.found, drawn.missed, drawn.wrong))
        }
        let sorted = values.sorted()
        return ConfidenceInterval(
            estimate: f1(found, missed, wrong),
            lower: Bootstrap.percentile(sorted, 0.025),
            upper: Bootstrap.percentile(sorted, 0.975),
            level: 0.95
        )
    }

    private static let resamples = 1000
    /// Keeps these draws apart from others of the same seed.
    private static let stream: UInt64 = 0x6631

    private func sources(_ clean: [Int], _ scores: [Double], _ hits: [Bool]) -> [NoiseHeadReport.SourceMeasures] {
        let names = clean.map { set.lines[$0].source ?? "clean" }
        return Set(names).sorted().map { name in
            let places = names.indices.filter { names[$0] == name }
            let dropped = places.filter { scores[$0] >= fitted.threshold }
            let withRules = places.filter { hits[$0] || scores[$0] >= fitted.threshold }
            return .init(
                source: name,
                lines: places.count,
                dropRate: share(dropped.count, places.count),
                dropRateWithRules: share(withRules.count, places.count)
            )
        }
    }

    private func kinds(
        _ noise: [Int],
        _ noiseScores: [Double],
        _ noiseHits: [Bool],
        _ clean: [Int],
        _ cleanScores: [Double],
        _ cleanHits: [Bool],
        penalty: Double
    ) throws -> [NoiseHeadReport.KindMeasures] {
        let names = Set(noise.map(set.kind)).sorted()
        return try names.map { name in
            let places = noise.indices.filter { set.kind(noise[$0]) == name }
            let scores = places.map { noiseScores[$0] }
            let hits = places.map { noiseHits[$0] }
            var unseen: (area: ConfidenceInterval, recall: ConfidenceInterval, withRules: ConfidenceInterval)?
            // With one kind alone nothing is left to learn from.
            if fitter.options.measuresUnseenKinds, names.count > 1 {
                let other = try fitter.fit(penalty: penalty, without: name, start: fitted.model)
                let otherNoise = fitter.probabilities(other.model, places.map { noise[$0] })
                let otherClean = fitter.probabilities(other.model, clean)
                unseen = (
                    area(otherNoise, otherClean),
                    share(drops(otherNoise, at: other.threshold), places.count),
                    area(Self.raised(otherNoise, where: hits), Self.raised(otherClean, where: cleanHits))
                )
            }
            return .init(
                kind: name,
                lines: places.count,
                areaUnderCurve: area(scores, cleanScores),
                recall: share(drops(scores, at: fitted.threshold), places.count),
                recallWithRules: share(drops(Self.raised(scores, where: hits), at: fitted.threshold), places.count),
                unseenAreaUnderCurve: unseen?.area,
                unseenRecall: unseen?.recall,
                unseenAreaUnderCurveWithRules: unseen?.withRules
            )
        }
    }
}
