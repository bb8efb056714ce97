// Trains a head on labelled lines, sets its threshold, and measures it on lines that it has not seen.

public import IQModel

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// Trains a ``NoiseHead``.
///
/// Duplicates are taken out first, so that no line is on two sides. The penalty is chosen by cross-validation whose folds hold out whole
/// kinds of noise, because what counts is noise nobody thought of. The threshold is set on clean lines that the head did not learn,
/// and the figures come from others again. The same lines and options give the same head.
public struct NoiseHeadTrainer: Sendable {
    public let embedder: TextEmbedder
    public let options: NoiseHeadOptions

    /// The fewest different clean lines, and of noise.
    public static let fewestLines = (clean: 100, noise: 20)

    public init(embedder: TextEmbedder, options: NoiseHeadOptions) {
        self.embedder = embedder
        self.options = options
    }

    /// Trains and measures.
    ///
    /// - Parameters:
    ///   - lines: labelled lines; those with a side stay on it.
    ///   - rules: rules on texts that the figures of rules and head together are measured with.
    ///   - progress: called with what is being done.
    /// - Throws: ``CleaningError/notEnoughLines(label:found:needed:)``, ``CleaningError/notFinite``, and what the encoder throws.
    public func train(
        on lines: [LabelledLine],
        rules: CleaningOptions = .standard(),
        progress: @Sendable (String) -> Void = { _ in }
    ) async throws -> (head: NoiseHead, report: NoiseHeadReport) {
        let set = TrainingSet(lines, split: LineSplit(seed: options.seed))
        try set.check()
        progress("\(set.lines.count) different lines; making their vectors")
        let letters = LetterModel(learning: set.indices(.training, isNoise: false).map { set.lines[$0].text })
        var raw: [[Float]] = []
        raw.reserveCapacity(set.lines.count)
        for start in stride(from: 0, to: set.lines.count, by: Self.batch) {
            try Task.checkCancellation()
            let texts = set.lines[start..<min(start + Self.batch, set.lines.count)].map { NoiseHead.examined($0.text) }
            for (text, vector) in zip(texts, try await embedder.embed(texts)) {
                raw.append(NoiseHeadParameters.rawFeatures(vector: vector, text: text, letters: letters))
            }
            if (start / Self.batch) % 4 == 3 { progress("\(raw.count) of \(set.lines.count) vectors") }
        }
        guard raw.allSatisfy({ $0.allSatisfy(\.isFinite) }) else { throw CleaningError.notFinite }
        let fitter = HeadFitter(set: set, raw: raw, options: options)
        progress("choosing the penalty")
        let candidates = try fitter.crossValidate()
        // The stronger penalty of equal ones.
        let best = candidates.max { ($0.areaUnderCurve, $0.penalty) < ($1.areaUnderCurve, $1.penalty) }
        let penalty = best?.penalty ?? options.penalties[0]
        let fitted = try fitter.fit(penalty: penalty, without: nil)
        let parameters = NoiseHeadParameters(
            encoder: embedder.information.architecture,
            probe: try await embedder.embed([NoiseHeadParameters.probeText])[0],
            means: fitter.means,
            deviations: fitter.deviations,
            weights: fitted.model.weights,
            bias: fitted.model.bias,
            letterLogProbabilities: letters.logProbabilities,
            threshold: fitted.threshold
        )
        progress("measuring")
        let report = try HeadMeasurement(fitter: fitter, fitted: fitted, rules: rules).report(
            encoder: embedder.information.architecture,
            candidates: candidates,
            penalty: penalty
        )
        return (NoiseHead(parameters: parameters, embedder: embedder), report)
    }

    private static let batch = 256
}

/// Different lines, each with its part.
struct TrainingSet: Sendable {
    let lines: [LabelledLine]
    let parts: [LineSplit.Part]
    let split: LineSplit
    /// Lines that say what another one says.
    let leftOut: Int

    init(_ given: [LabelledLine], split: LineSplit) {
        var labels: [String: Bool] = [:]
        var contradictory: Set<String> = []
        var kept: [(key: String, line: LabelledLine)] = []
        for line in given {
            let key = CleaningText.comparable(line.text)
            if let earlier = labels[key] {
                if earlier != line.isNoise { contradictory.insert(key) }
            } else {
                labels[key] = line.isNoise
                kept.append((key, line))
            }
        }
        lines = kept.filter { !contradictory.contains($0.key) }.map(\.line)
        parts = lines.map(split.part(of:))
        self.split = split
        leftOut = given.count - lines.count
    }

    func indices(_ part: LineSplit.Part, isNoise: Bool) -> [Int] {
        lines.indices.filter { parts[$0] == part && lines[$0].isNoise == isNoise }
    }

    func kind(_ index: Int) -> String { lines[index].kind ?? "noise" }

    func check() throws(CleaningError) {
        let (clean, noise) = (lines.count { !$0.isNoise }, lines.count(where: \.isNoise))
        let fewest = NoiseHeadTrainer.fewestLines
        guard clean >= fewest.clean else {
            throw .notEnoughLines(label: "clean", found: clean, needed: fewest.clean)
        }
        guard noise >= fewest.noise else {
            throw .notEnoughLines(label: "noise", found: noise, needed: fewest.noise)
        }
        for (part, isNoise, name) in [
            (LineSplit.Part.training, false, "clean"), (.calibration, false, "clean"), (.test, false, "clean"),
            (.training, true, "noise"), (.test, true, "noise"),
        ] where indices(part, isNoise: isNoise).isEmpty {
            throw .notEnoughLines(label: "\(name) for \(part)", found: 0, needed: 1)
        }
    }
}
