// Models that the tests run.

import IQTensor
import IQText
import _IQTestSupport

import IQModel

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

enum TestModel {
    /// The tiny recorded decoders.
    static let tiny = ["llama_tied", "llama_untied", "qwen2", "qwen3", "gemma3_text"]

    static func fixture(_ name: String) -> URL {
        packageFolder.appending(path: "Tests/IQModelTests/Fixtures").appending(path: name)
    }

    static func golden<Value: Decodable>(_ path: String, as type: Value.Type) throws -> Value {
        try JSONDecoder().decode(type, from: try GoldenFiles.data(path))
    }

    static func expected<Value: Decodable>(_ fixture: String, as type: Value.Type) throws -> Value {
        try JSONDecoder().decode(
            type,
            from: try Data(contentsOf: Self.fixture(fixture).appending(path: "expected.json"))
        )
    }

    /// A decoder with its weights packed, as an engine has it.
    static func decoder(
        at url: URL,
        level: InstructionLevel = .best,
        precision: WeightPrecision = .stored,
        product: QuantizedProduct = .exact
    ) throws -> DecoderModel {
        let context = try ComputeContext(threads: 2, level: level)
        let model = try loadModel(at: url, precision: precision, context: context)
        guard case .decoder(let configuration, let weights) = model.weights else {
            throw GenerationError.notADecoder(architecture: url.lastPathComponent)
        }
        return try DecoderModel(
            configuration: configuration,
            weights: try weights.packed(for: product, in: configuration, on: context),
            product: product
        )
    }

    static func runner(
        at url: URL,
        level: InstructionLevel = .best,
        threads: Int = 2,
        cacheFormat: CacheFormat = .f32,
        maximumRows: Int = 64,
        maximumOutputs: Int = 64,
        precision: WeightPrecision = .stored,
        product: QuantizedProduct = .exact
    ) throws -> DecoderRunner {
        try DecoderRunner(
            decoder: try decoder(at: url, level: level, precision: precision, product: product),
            context: try ComputeContext(threads: threads, level: level),
            cacheFormat: cacheFormat,
            maximumRows: maximumRows,
            maximumOutputs: maximumOutputs
        )
    }

    static func tinyRunner(
        _ name: String = "llama_tied",
        level: InstructionLevel = .best,
        threads: Int = 2,
        cacheFormat: CacheFormat = .f32,
        maximumRows: Int = 64,
        maximumOutputs: Int = 64
    ) throws -> DecoderRunner {
        try runner(
            at: GoldenFiles.url(name),
            level: level,
            threads: threads,
            cacheFormat: cacheFormat,
            maximumRows: maximumRows,
            maximumOutputs: maximumOutputs
        )
    }
}

extension DecoderRunner {
    /// Logits of every position of one sequence, read in one step from an empty cache: [T, V].
    func allLogits(_ tokens: [TokenID]) throws -> FloatMatrix {
        try batch.append(tokens, to: makeCache(), outputs: .all)
        return try step()
    }
}

extension FloatMatrix {
    func row(_ row: Int) -> [Float] { rows(row..<(row + 1)).values }

    /// Index of the largest value of a row.
    func argmax(row: Int) -> TokenID {
        let values = self.row(row)
        return TokenID(values.indices.max { values[$0] < values[$1] } ?? 0)
    }
}
