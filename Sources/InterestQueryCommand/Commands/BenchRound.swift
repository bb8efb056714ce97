// The lines that `interest-query bench` prints.

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

extension BenchCommand {
    /// One line of JSON, with keys in snake case.
    static func line(_ round: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = .sortedKeys
        return String(decoding: try encoder.encode(round), as: UTF8.self) + "\n"
    }
}

/// A round as Benchmarks/peers/contestants.py reads it. What a workload does not have is left out.
struct BenchmarkRound: Encodable {
    let workload: String
    let format: String
    let unit: String
    /// One figure a step, in the unit.
    let values: [Double]
    let median: Double
    /// From the slowest to the fastest step, as a part of the median.
    let spread: Double
    var firstLoss: Double?
    var lastLoss: Double?
    var trainedParameters: Int?
    /// What `TrainingMemoryEstimate` says that the work takes.
    var estimatedBytes: Int?
    var recall: Double?
    /// The most probable tokens that were written first: proof of what was computed.
    var tokens: [Int32]?
    /// How the machine bounds the work.
    var roofline: Roofline?
    var peakResidentBytes: Int

    init(
        workload: String,
        format: String,
        unit: String,
        values: [Double],
        firstLoss: Double? = nil,
        lastLoss: Double? = nil,
        trainedParameters: Int? = nil,
        estimatedBytes: Int? = nil,
        recall: Double? = nil,
        tokens: [Int32]? = nil,
        peakResidentBytes: Int
    ) {
        self.workload = workload
        self.format = format
        self.unit = unit
        self.values = values
        let sorted = values.sorted()
        let middle = sorted.count / 2
        median = sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
        spread = (sorted[sorted.count - 1] - sorted[0]) / median
        self.firstLoss = firstLoss
        self.lastLoss = lastLoss
        self.trainedParameters = trainedParameters
        self.estimatedBytes = estimatedBytes
        self.recall = recall
        self.tokens = tokens
        self.peakResidentBytes = peakResidentBytes
    }
}
