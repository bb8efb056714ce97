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

    package init(
        prompts: [[TokenID]],
        groupSize: Int = 1,
        options: GenerationOptions,
        endTokens: Set<TokenID>
    ) throws(GenerationError) {
        guard !prompts.isEmpty, groupSize >= 1 else { throw .emptyBatch }
        self.prompts = prompts
        self.groupSize = groupSize
        self.options = options
        self.endTokens = endTokens
    }
}
