// Fits heads on parts of one set of lines: for the folds, for kinds held out, and the one that is kept.

/// A head that was fitted, with its threshold.
struct FittedHead: Sendable {
    let model: LogisticModel
    let threshold: Double
    /// Of the clean lines on which the threshold was set.
    let calibrationDrops: Int
}

struct HeadFitter: Sendable {
    let set: TrainingSet
    let options: NoiseHeadOptions
    let means: [Float]
    let deviations: [Float]
    /// Of every line.
    let features: FeatureMatrix

    init(set: TrainingSet, raw: [[Float]], options: NoiseHeadOptions) {
        self.set = set
        self.options = options
        let training = set.lines.indices.filter { set.parts[$0] == .training }
        let width = raw.first?.count ?? 0
        var sums = [Double](repeating: 0, count: width)
        for index in training { for column in 0..<width { sums[column] += Double(raw[index][column]) } }
        let count = Double(max(training.count, 1))
        let centers = sums.map { $0 / count }
        var squares = [Double](repeating: 0, count: width)
        for index in training {
            for column in 0..<width {
                let difference = Double(raw[index][column]) - centers[column]
                squares[column] += difference * difference
            }
        }
        let means = centers.map(Float.init)
        // A feature that never changes says nothing: any deviation will do.
        let deviations = squares.map { $0 > 1e-12 * count ? Float(($0 / count).squareRoot()) : 1 }
        var features = FeatureMatrix(width: width)
        for row in raw { features.append(NoiseHeadParameters.scaled(row, means: means, deviations: deviations)) }
        (self.means, self.deviations, self.features) = (means, deviations, features)
    }

    /// Probabilities of noise of some lines.
    func probabilities(_ model: LogisticModel, _ indices: [Int]) -> [Double] {
        indices.map { index in
            var logOdds = model.bias
            for (feature, weight) in zip(features.row(index), model.weights) { logOdds += Double(feature) * weight }
            return LogisticModel.probability(logOdds: logOdds)
        }
    }

    private func model(_ indices: [Int], penalty: Double, start: LogisticModel?) throws(CleaningError) -> LogisticModel
    {
        let model = LogisticRegression(penalty: penalty).fit(
            features.selecting(indices),
            labels: indices.map { set.lines[$0].isNoise },
            start: start
        )
        guard model.bias.isFinite, model.weights.allSatisfy(\.isFinite) else { throw .notFinite }
        return model
    }

    /// The mean area under the curve of the folds for each penalty. A fold holds out some kinds of noise whole where there are at
    /// least as many kinds as folds, and some clean lines.
    func crossValidate() throws -> [NoiseHeadReport.Candidate] {
        let noise = set.indices(.training, isNoise: true)
        let clean = set.indices(.training, isNoise: false)
        let kinds = Set(noise.map(set.kind)).sorted()
        func fold(_ index: Int) -> Int {
            if set.lines[index].isNoise, kinds.count >= options.folds {
                return (kinds.firstIndex(of: set.kind(index)) ?? 0) % options.folds
            }
            return set.split.fold(set.lines[index].text, of: options.folds)
        }
        var sums = [Double](repeating: 0, count: options.penalties.count)
        var folds = 0
        for part in 0..<options.folds {
            let held = (noise.filter { fold($0) == part }, clean.filter { fold($0) == part })
            let learned = (noise + clean).filter { fold($0) != part }
            guard !held.0.isEmpty, !held.1.isEmpty, learned.contains(where: { set.lines[$0].isNoise }) else { continue }
            folds += 1
            var start: LogisticModel?
            // From the strongest penalty on, each fit starting where the last one ended.
            for place in options.penalties.indices.sorted(by: { options.penalties[$0] > options.penalties[$1] }) {
                try Task.checkCancellation()
                let model = try model(learned, penalty: options.penalties[place], start: start)
                start = model
                let area = AreaUnderCurve.of(
                    noise: probabilities(model, held.0),
                    clean: probabilities(model, held.1)
                )
                sums[place] += area?.estimate ?? 0
            }
        }
        return zip(options.penalties, sums).map {
            .init(penalty: $0, areaUnderCurve: folds == 0 ? 0 : $1 / Double(folds))
        }
    }

    /// Fits on all training lines, or all but a kind of noise, and sets the threshold.
    func fit(penalty: Double, without kind: String?, start: LogisticModel? = nil) throws -> FittedHead {
        try Task.checkCancellation()
        let training = set.lines.indices.filter { index in
            set.parts[index] == .training && !(set.lines[index].isNoise && kind != nil && set.kind(index) == kind)
        }
        let model = try model(training, penalty: penalty, start: start)
        let scores = probabilities(model, set.indices(.calibration, isNoise: false))
        let (threshold, drops) = Self.threshold(
            clean: scores,
            target: options.targetDropRate,
            maximum: options.maximumDropRate
        )
        return FittedHead(model: model, threshold: threshold, calibrationDrops: drops)
    }

    /// The least threshold that drops at most the target share of clean lines, and so few that the interval of the share ends at or
    /// below the maximum; with too few lines for that, one that drops none of them.
    static func threshold(clean scores: [Double], target: Double, maximum: Double) -> (threshold: Double, drops: Int) {
        let ordered = scores.sorted(by: >)
        var drops = Int(target * Double(ordered.count))
        while drops > 0, (WilsonInterval.of(drops, in: ordered.count)?.upper ?? 1) > maximum { drops -= 1 }
        // Between the last one that goes and the first one that stays; with equal scores, all of them stay.
        while drops > 0, ordered[drops - 1] == ordered[drops] { drops -= 1 }
        let staying = drops < ordered.count ? ordered[drops] : 0
        let going = drops > 0 ? ordered[drops - 1] : 1
        let middle = (staying + going) / 2
        return (max(middle > staying ? middle : going, .leastNormalMagnitude), drops)
    }
}
