// The numbers of a trained head, and its folder.

internal import IQModel
internal import IQTensor

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// What a head has learned. Features are the encoder's vector, then ``TextShape``; each is brought to mean 0 and deviation 1.
struct NoiseHeadParameters: Sendable, Equatable, Codable {
    var format = Self.formatName
    var version = Self.currentVersion
    /// The architecture of the encoder, to be named to people.
    var encoder: String
    /// The encoder's vector of ``probeText``: tells another encoder, whatever its name.
    var probe: [Float]
    var shapeNames = TextShape.names
    /// For each feature, over the training lines.
    var means: [Float]
    var deviations: [Float]
    var weights: [Double]
    var bias: Double
    var letterLogProbabilities: [Double]
    var threshold: Double

    static let formatName = "interest-query-cleaner"
    static let currentVersion = 1
    static let fileName = "cleaner.json"
    static let probeText = "A comet, brighter than predicted, will be visible without a telescope this weekend."
    /// Other number formats of the same weights stay above this; other models are far below.
    static let sufficientSimilarity = 0.99
    /// Features further from their mean than so many deviations count as that far: one odd number must not decide alone.
    static let largestDeviation: Float = 6

    var letters: LetterModel { LetterModel(logProbabilities: letterLogProbabilities) }

    /// The features of a text as they are, before they are brought to one scale.
    static func rawFeatures(vector: [Float], text: String, letters: LetterModel) -> [Float] {
        vector + TextShape.values(of: text, letters: letters).map(Float.init)
    }

    static func scaled(_ features: [Float], means: [Float], deviations: [Float]) -> [Float] {
        features.indices.map { index in
            let value = (features[index] - means[index]) / deviations[index]
            return max(-largestDeviation, min(largestDeviation, value))
        }
    }

    func probability(vector: [Float], text: String, letters: LetterModel) -> Double {
        let raw = Self.rawFeatures(vector: vector, text: text, letters: letters)
        let features = Self.scaled(raw, means: means, deviations: deviations)
        var logOdds = bias
        for (feature, weight) in zip(features, weights) { logOdds += Double(feature) * weight }
        return LogisticModel.probability(logOdds: logOdds)
    }

    // MARK: The folder

    /// Writes `cleaner.json`, whole or not at all.
    func write(to folder: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try AtomicFile.write(Array(encoder.encode(self)), to: folder + "/" + Self.fileName)
    }

    static func read(from folder: String) throws -> NoiseHeadParameters {
        let path = folder + "/" + fileName
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CleaningError.notAHead(path: folder, reason: "there is no \(fileName), or it may not be read")
        }
        let parameters: NoiseHeadParameters
        do {
            let head = try JSONDecoder().decode(Header.self, from: data)
            guard head.format == formatName else {
                throw CleaningError.notAHead(path: folder, reason: "\(fileName) is of another format")
            }
            guard head.version == currentVersion else {
                throw CleaningError.notAHead(
                    path: folder,
                    reason: "it is of version \(head.version), this program reads \(currentVersion)"
                )
            }
            parameters = try JSONDecoder().decode(NoiseHeadParameters.self, from: data)
        } catch let error as CleaningError {
            throw error
        } catch {
            throw CleaningError.notAHead(path: folder, reason: "\(fileName) is damaged or lacks a member")
        }
        if let fault = parameters.fault { throw CleaningError.notAHead(path: folder, reason: fault) }
        return parameters
    }

    private struct Header: Decodable {
        let format: String
        let version: Int
    }

    /// What is wrong with numbers that were read; nil if nothing is.
    private var fault: String? {
        let width = probe.count + TextShape.names.count
        if shapeNames != TextShape.names { return "its features are others than this program's" }
        if probe.isEmpty || weights.count != width || means.count != width || deviations.count != width {
            return "its features are not \(width)"
        }
        if letterLogProbabilities.count != LetterModel.classes * LetterModel.classes {
            return "its letter table is cut off"
        }
        let numbers = weights + letterLogProbabilities + [bias] + (probe + means + deviations).map(Double.init)
        if !numbers.allSatisfy(\.isFinite) || !deviations.allSatisfy({ $0 > 0 }) {
            return "some numbers are not finite"
        }
        return threshold > 0 && threshold <= 1 ? nil : "its threshold is \(threshold)"
    }
}
