// Workloads W1 to W4, and the loss of a passage.

internal import InterestQueryKit

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// What W1 to W4 are.
private struct GenerationWork {
    let promptTokens: Int
    let group: Int
    let newTokens: Int
    let part: GenerationBenchmark.Part

    init?(_ workload: BenchCommand.Workload) {
        switch workload {
        case .prefill: self.init(promptTokens: 512, group: 1, newTokens: 1, part: .prefill)
        // A prompt of a few tokens, so that attention takes no time to speak of.
        case .decode: self.init(promptTokens: 8, group: 1, newTokens: 128, part: .decode)
        case .group: self.init(promptTokens: 256, group: 8, newTokens: 64, part: .decode)
        case .largeGroup: self.init(promptTokens: 256, group: 32, newTokens: 64, part: .decode)
        default: return nil
        }
    }

    private init(promptTokens: Int, group: Int, newTokens: Int, part: GenerationBenchmark.Part) {
        self.promptTokens = promptTokens
        self.group = group
        self.newTokens = newTokens
        self.part = part
    }
}

/// How near a figure is to what the machine was measured to reach.
struct Roofline: Encodable {
    /// The least time that the work takes at the machine's limits, as a part of the time that it took.
    let share: Double
    /// `memory` where reading bounds it, `arithmetic` where computing does.
    let bound: String
    /// Bytes that the work has to read, and operations that it has to do.
    let bytes: Double
    let operations: Double
    /// The machine's limits, for the number format.
    let bytesPerSecond: Double
    let operationsPerSecond: Double

    /// - Parameter seconds: what the work took.
    init(_ cost: GenerationCost, seconds: Double, limits: MachineLimits) {
        share = cost.seconds(at: limits) / seconds
        bound = cost.isBoundByMemory(at: limits) ? "memory" : "arithmetic"
        bytes = cost.bytes
        operations = cost.operations
        bytesPerSecond = limits.bytesPerSecond
        operationsPerSecond = limits.operationsPerSecond
    }
}

extension NumberFormat {
    /// The multiply-adds that products with the format can be made of at best.
    var peakOperation: PeakOperation {
        switch self {
        case .f32, .f16: .f32
        case .bf16: .bf16
        default: .int8
        }
    }
}

extension ComputeContext {
    /// Limits for products with weights of a format; those of f32 where the level has no instruction for the format's.
    func peak(for format: NumberFormat) throws -> Double {
        let peak = try peakOperationsPerSecond(format.peakOperation) ?? peakOperationsPerSecond(.f32)
        return peak ?? .infinity
    }
}

extension BenchCommand {
    /// W1 to W4. The lines come together at the end: measuring the machine takes memory, which is not the work's.
    func measureGeneration() throws {
        guard let work = GenerationWork(workload) else { return }
        let context = try ComputeContext(options: try ComputeOptions(threads: threads, level: level))
        let loaded = try loadModel(at: URL(fileURLWithPath: model), precision: .stored, context: context)
        let benchmark = try GenerationBenchmark(
            model: loaded,
            prompt: try prompt(of: loaded, count: work.promptTokens),
            group: work.group,
            newTokens: work.newTokens,
            measuring: work.part,
            product: product,
            cacheFormat: cache,
            context: context
        )
        let format = ModelInformation(loaded).mainFormat
        for _ in 0..<warmUp { _ = try benchmark.round() }
        var lines: [BenchmarkRound] = []
        for _ in 0..<rounds {
            var rates: [Double] = []
            for _ in 0..<steps {
                try Task.checkCancellation()
                rates.append(try benchmark.round())
            }
            lines.append(
                BenchmarkRound(
                    workload: workload.rawValue,
                    format: format,
                    unit: "tokens/s",
                    values: rates,
                    tokens: Array(benchmark.written.prefix(16)),
                    peakResidentBytes: peakResidentBytes()
                )
            )
        }
        let limits = MachineLimits(
            bytesPerSecond: try context.readBandwidth(),
            operationsPerSecond: try context.peak(for: NumberFormat(rawValue: format) ?? .f32)
        )
        for var line in lines {
            line.roofline = Roofline(
                benchmark.cost,
                seconds: Double(benchmark.tokens) / line.median,
                limits: limits
            )
            try StandardOutput.write(Self.line(line))
        }
    }

    /// The mean loss of the tokens of a passage, each from those before it, in nats.
    func measurePerplexity() throws {
        let context = try ComputeContext(options: try ComputeOptions(threads: threads, level: level))
        let loaded = try loadModel(at: URL(fileURLWithPath: model), precision: .stored, context: context)
        guard let passage = try tokenLists().first, passage.count >= 2 else {
            throw CommandFailure(message: "\(prompts ?? "") holds no passage", code: CommandFailure.data)
        }
        let loss = try PassageLoss(model: loaded, product: product, cacheFormat: cache, context: context).mean(
            of: passage
        )
        try StandardOutput.write(
            Self.line(
                BenchmarkRound(
                    workload: workload.rawValue,
                    format: ModelInformation(loaded).mainFormat,
                    unit: "perplexity",
                    values: [exponential(loss)],
                    firstLoss: loss,
                    peakResidentBytes: peakResidentBytes()
                )
            )
        )
    }

    /// The lists of tokens in the file of prompts.
    func tokenLists() throws -> [[TokenID]] {
        let path = prompts ?? ""
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CommandFailure(message: "\(path) cannot be read", code: CommandFailure.missingInput)
        }
        let decoder = JSONDecoder()
        return try data.split(separator: UInt8(ascii: "\n")).enumerated().map { index, line in
            do {
                return try decoder.decode([TokenID].self, from: Data(line))
            } catch {
                throw CommandFailure(
                    message: "\(path), line \(index + 1): not a list of tokens",
                    code: CommandFailure.data
                )
            }
        }
    }
}

extension ModelInformation {
    /// The format that most bytes are in.
    var mainFormat: String { bytesByFormat.max { $0.value < $1.value }?.key ?? "" }
}
