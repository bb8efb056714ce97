// How probable a model finds a passage.

package import IQTensor
package import IQText

/// Measures the loss of passages with the steps that generation takes.
package struct PassageLoss {
    private let runner: DecoderRunner

    /// Tokens of a step: a few, as logits take memory.
    private static let stepTokens = 32

    /// - Parameter model: a decoder.
    package init(
        model: LoadedModel,
        product: QuantizedProduct,
        cacheFormat: CacheFormat,
        context: ComputeContext
    ) throws {
        guard case .decoder(let configuration, let weights) = model.weights else {
            throw GenerationError.notADecoder(architecture: ModelInformation(model).architecture)
        }
        let packed = try weights.packed(for: product, in: configuration, on: context)
        runner = try DecoderRunner(
            decoder: try DecoderModel(configuration: configuration, weights: packed, product: product),
            context: context,
            cacheFormat: cacheFormat,
            maximumRows: Self.stepTokens,
            maximumOutputs: Self.stepTokens
        )
    }

    /// The mean of −ln p of each token but the first, given those before it.
    ///
    /// - Parameter tokens: at least two.
    package func mean(of tokens: [TokenID]) throws -> Double {
        precondition(tokens.count >= 2, "\(tokens.count) tokens have no loss")
        try runner.validate(tokens)
        let cache = runner.makeCache()
        var total = 0.0
        var start = 0
        while start < tokens.count - 1 {
            let end = min(start + Self.stepTokens, tokens.count - 1)
            try runner.batch.append(tokens[start..<end], to: cache, outputs: .all)
            let logits = try runner.step()
            for row in 0..<end - start {
                let next = Int(tokens[start + row + 1])
                total += logits.withRow(row) { values in
                    let maximum = runner.context.maximum(of: values).value
                    let sum = runner.context.sumOfExponentials(of: values, shift: maximum, factor: 1)
                    return naturalLogarithm(sum) + Double(maximum - values[next])
                }
            }
            start = end
        }
        return total / Double(tokens.count - 1)
    }
}
