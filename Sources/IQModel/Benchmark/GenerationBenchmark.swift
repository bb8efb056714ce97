// The work of benchmarks W1 to W4: reading a prompt, and writing on from it, alone and in groups.

package import IQTensor
package import IQText

/// Repeats one generation: a prompt is read, and so many continuations of it are written together, always the most probable
/// token. What does not belong to the measured part is left out of its time.
package final class GenerationBenchmark {
    /// What is measured.
    package enum Part: Sendable, Hashable {
        /// Prompt tokens read a second, the logits of the last one included.
        case prefill
        /// Tokens written a second, all continuations together, from the second token of each.
        case decode
    }

    private let runner: DecoderRunner
    private let request: GenerationRequest
    private let part: Part

    /// - Parameters:
    ///   - model: a decoder.
    ///   - prompt: its tokens.
    ///   - group: continuations of the prompt.
    ///   - newTokens: of each continuation; at least 2 where decoding is measured.
    package init(
        model: LoadedModel,
        prompt: [TokenID],
        group: Int,
        newTokens: Int,
        measuring part: Part,
        product: QuantizedProduct,
        cacheFormat: CacheFormat,
        context: ComputeContext
    ) throws {
        guard case .decoder(let configuration, let weights) = model.weights else {
            throw GenerationError.notADecoder(architecture: ModelInformation(model).architecture)
        }
        precondition(part == .prefill || newTokens >= 2, "\(newTokens) tokens to decode")
        self.part = part
        let packed = try weights.packed(for: product, in: configuration, on: context)
        runner = try DecoderRunner(
            decoder: try DecoderModel(configuration: configuration, weights: packed, product: product),
            context: context,
            cacheFormat: cacheFormat,
            maximumOutputs: group
        )
        request = try GenerationRequest(
            prompts: [prompt],
            groupSize: group,
            options: try GenerationOptions(maximumTokens: newTokens, sampling: .greedy, stopsAtEndOfText: false),
            endTokens: []
        )
    }

    /// One generation; returns tokens a second of the measured part.
    package func round() throws -> Double {
        let session = try GenerationSession(request, runner: runner, tokenizer: nil)
        let clock = ContinuousClock()
        let start = clock.now
        var isRead = false
        while !isRead {
            _ = try session.step { if case .prefilled = $0 { isRead = true } }
        }
        let read = clock.now
        if part == .prefill {
            return Double(request.prompts[0].count) / ((read - start) / .seconds(1))
        }
        while try session.step({ _ in }) {}
        let tokens = request.groupSize * (request.options.maximumTokens - 1)
        return Double(tokens) / ((clock.now - read) / .seconds(1))
    }
}
