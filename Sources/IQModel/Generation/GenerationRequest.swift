// What a session is asked to continue, in tokens.

package import IQText

/// Prompts in tokens, and how many continuations of each.
package struct GenerationRequest: Sendable {
    package var prompts: [[TokenID]]
    /// Continuations of each prompt; they share its cache.
    package var groupSize: Int
    package var options: GenerationOptions
    /// Tokens that end a continuation.
    package var endTokens: Set<TokenID>
    /// For each prompt the random stream of its first continuation, the others taking those after it. A continuation's
    /// random numbers then do not depend on what else is in the request. Nil numbers all continuations from 0.
    package var firstStreams: [UInt64]?

    package init(
        prompts: [[TokenID]],
        groupSize: Int = 1,
        options: GenerationOptions,
        endTokens: Set<TokenID>,
        firstStreams: [UInt64]? = nil
    ) throws(GenerationError) {
        guard !prompts.isEmpty, groupSize >= 1 else { throw .emptyBatch }
        precondition(
            firstStreams.map { $0.count == prompts.count } ?? true,
            "\(firstStreams?.count ?? 0) streams for \(prompts.count) prompts"
        )
        self.prompts = prompts
        self.groupSize = groupSize
        self.options = options
        self.endTokens = endTokens
        self.firstStreams = firstStreams
    }

    /// The random stream of a continuation.
    func stream(ofSequence index: Int) -> UInt64 {
        let (prompt, member) = index.quotientAndRemainder(dividingBy: groupSize)
        return firstStreams.map { $0[prompt] + UInt64(member) } ?? UInt64(index)
    }
}
