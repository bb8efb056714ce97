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
    /// What the measured part needs at least.
    package let cost: GenerationCost
    /// The tokens of the first continuation of the last generation.
    package private(set) var written: [TokenID] = []

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
        let extent = DecoderExtent(configuration: configuration, weights: weights, cacheFormat: cacheFormat)
        switch part {
        case .prefill: cost = extent.prefill(tokens: prompt.count)
        case .decode: cost = extent.decode(promptTokens: prompt.count, group: group, steps: newTokens - 1)
        }
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

    /// Tokens of the measured part.
    package var tokens: Int {
        switch part {
        case .prefill: request.prompts[0].count
        case .decode: request.groupSize * (request.options.maximumTokens - 1)
        }
    }

    /// One generation; returns tokens a second of the measured part.
    package func round() throws -> Double {
        let session = try GenerationSession(request, runner: runner, tokenizer: nil)
        let clock = ContinuousClock()
        let start = clock.now
        var isRead = false
        written.removeAll(keepingCapacity: true)
        while !isRead {
            _ = try session.step { event in
                if case .prefilled = event { isRead = true }
                note(event)
            }
        }
        let read = clock.now
        if part == .prefill {
            return Double(tokens) / ((read - start) / .seconds(1))
        }
        while try session.step(note) {}
        return Double(tokens) / ((clock.now - read) / .seconds(1))
    }

    private func note(_ event: GenerationEvent) {
        if case .token(let token) = event, token.sequence == 0 { written.append(token.id) }
    }
}
