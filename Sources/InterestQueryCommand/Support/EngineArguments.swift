// Options that every command with a model has.

internal import ArgumentParser
internal import InterestQueryKit

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// `stored`, or the number format that weights are converted to.
struct PrecisionArgument: ExpressibleByArgument {
    let precision: WeightPrecision

    init?(argument: String) {
        if argument == "stored" {
            precision = .stored
        } else if let format = NumberFormat(rawValue: argument) {
            precision = .converted(format)
        } else {
            return nil
        }
    }

    init(_ precision: WeightPrecision) { self.precision = precision }

    var defaultValueDescription: String { "stored" }
    static var allValueStrings: [String] { ["stored"] + NumberFormat.allCases.map(\.rawValue) }
}

struct EngineArguments: ParsableArguments {
    @Option(name: [.short, .long], help: "A GGUF file or a Hugging Face folder.")
    var model: String

    @Option(help: "A folder with a low-rank adapter for the model.")
    var adapter: String?

    @Option(help: "Threads to compute with; one for each processor if not given.")
    var threads: Int?

    @Option(help: "Instruction level; the fastest of this processor if not given.")
    var level: InstructionLevel?

    @Option(help: "Number format of the weights in memory.")
    var precision = PrecisionArgument(.stored)

    @Option(
        help:
            "How products with stored weights are computed: exact; integer: activations of 8 bits with quantised weights; rounded: that, and bf16 activations with bf16 weights."
    )
    var product = QuantizedProduct.exact

    @Option(help: "Number format of cached keys and values.")
    var cache = CacheFormat.f32

    @Option(help: "Longest sequence in tokens; the model's own if not given.")
    var context: Int?

    var modelURL: URL { URL(fileURLWithPath: model) }

    func compute() throws -> ComputeOptions { try ComputeOptions(threads: threads, level: level) }

    func engineOptions(batch: Int = 32) throws -> EngineOptions {
        try EngineOptions(
            compute: try compute(),
            precision: precision.precision,
            quantizedProduct: product,
            cacheFormat: cache,
            contextLength: context,
            maximumBatch: batch,
            adapter: adapter.map { URL(fileURLWithPath: $0) }
        )
    }
}
