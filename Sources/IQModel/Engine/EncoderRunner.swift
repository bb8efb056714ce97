// An encoder with its tokenizer and the memory and threads to run it.

package import IQTensor
package import IQText

/// Encodes texts in batches of bounded size. Not Sendable: it belongs to one actor or test.
package final class EncoderRunner {
    package let encoder: EncoderModel
    package let context: ComputeContext
    private let tokenizer: Tokenizer
    private let activations: EncoderActivations
    private let maximumLength: Int
    private let batchTokens: Int

    /// - Parameters:
    ///   - maximumLength: tokens of a text that are read; nil takes the model's context.
    ///   - batchTokens: tokens that are encoded together; a longer text is encoded alone.
    package init(
        encoder: EncoderModel,
        tokenizer: Tokenizer,
        context: ComputeContext,
        maximumLength: Int? = nil,
        batchTokens: Int = EncoderRunner.standardBatchTokens
    ) throws(TensorError) {
        precondition(batchTokens >= 1, "batches of \(batchTokens) tokens")
        self.encoder = encoder
        self.tokenizer = tokenizer
        self.context = context
        let limit = encoder.configuration.maximumContext
        self.maximumLength = max(2, min(maximumLength ?? limit, limit))
        activations = try EncoderActivations(
            configuration: encoder.configuration,
            rows: max(batchTokens, self.maximumLength)
        )
        self.batchTokens = batchTokens
    }

    /// Enough for large products, small enough for the cache.
    package static let standardBatchTokens = 1024

    /// The text's tokens with the model's special ones, cut to the maximum length; the last token is kept.
    package func tokens(of text: String) -> [TokenID] {
        let tokens = tokenizer.encode(text, addingSpecialTokens: true, parsingSpecialTokens: false)
        guard tokens.count > maximumLength, let last = tokens.last else { return tokens }
        return tokens.prefix(maximumLength - 1) + [last]
    }

    /// Calls `body` with the hidden states of texts, batch by batch; `indices` says which texts the lengths belong to.
    ///
    /// Throws ``EncoderError/tokenOutOfRange(_:vocabularySize:)`` if tokenizer and model do not belong together, and
    /// `CancellationError` between batches. Texts are taken in order of length, so that a batch holds many short ones or few long ones.
    package func encode(
        _ texts: [String],
        _ body: (_ hidden: FloatMatrix, _ lengths: [Int], _ indices: [Int]) throws -> Void
    ) throws {
        let tokenized = texts.map(tokens(of:))
        let vocabularySize = encoder.configuration.vocabularySize
        for token in tokenized.joined() where token < 0 || Int(token) >= vocabularySize {
            throw EncoderError.tokenOutOfRange(Int(token), vocabularySize: vocabularySize)
        }
        let order = tokenized.indices.filter { !tokenized[$0].isEmpty }
            .sorted { (tokenized[$0].count, $0) < (tokenized[$1].count, $1) }
        var start = 0
        while start < order.count {
            var end = start
            var total = 0
            while end < order.count, end == start || total + tokenized[order[end]].count <= batchTokens {
                total += tokenized[order[end]].count
                end += 1
            }
            let indices = Array(order[start..<end])
            let sequences = indices.map { tokenized[$0] }
            let hidden = try encoder.forward(sequences, activations: activations, on: context)
            try body(hidden, sequences.map(\.count), indices)
            try Task.checkCancellation()
            start = end
        }
    }
}
