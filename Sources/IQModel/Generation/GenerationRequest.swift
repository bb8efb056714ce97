// What a session is asked to continue, in tokens.

internal import IQTensor
package import IQText

/// Prompts in tokens, and how many continuations of each.
package struct GenerationRequest: Sendable {
    package var prompts: [[TokenID]]
    /// For each prompt how many of its first tokens others have too: they are read once and kept by the runner. Nil for none.
    package var beginnings: [Int]?
    /// Continuations of each prompt; they share its cache.
    package var groupSize: Int
    /// Continuations of a prompt that are decoded together; the next ones begin when these have ended, so that a caller who
    /// has enough saves the rest. The prompt is read once all the same.
    package var membersAtOnce: Int
    package var options: GenerationOptions
    /// Tokens that end a continuation.
    package var endTokens: Set<TokenID>
    /// For each prompt the random stream of its first continuation, the others taking those after it. A continuation's
    /// random numbers then do not depend on what else is in the request. Nil numbers all continuations from 0.
    package var firstStreams: [UInt64]?

    package init(
        prompts: [[TokenID]],
        beginnings: [Int]? = nil,
        groupSize: Int = 1,
        membersAtOnce: Int? = nil,
        options: GenerationOptions,
        endTokens: Set<TokenID>,
        firstStreams: [UInt64]? = nil
    ) throws(GenerationError) {
        guard !prompts.isEmpty, groupSize >= 1, membersAtOnce ?? 1 >= 1 else { throw .emptyBatch }
        precondition(
            firstStreams.map { $0.count == prompts.count } ?? true,
            "\(firstStreams?.count ?? 0) streams for \(prompts.count) prompts"
        )
        precondition(beginnings.map { $0.count == prompts.count } ?? true, "beginnings of other prompts")
        self.prompts = prompts
        self.beginnings = beginnings
        self.groupSize = groupSize
        self.membersAtOnce = min(membersAtOnce ?? groupSize, groupSize)
        self.options = options
        self.endTokens = endTokens
        self.firstStreams = firstStreams
    }
}

/// A prompt that was read, from which continuations can begin.
final class ReadPrompt {
    let cache: KVCache
    /// Those behind the prompt, [1, V].
    let logits: FloatMatrix

    init(cache: KVCache, logits: FloatMatrix) {
        self.cache = cache
        self.logits = logits
    }
}

/// Prompts that have not begun to be read, in order.
struct WaitingPrompts {
    struct Prompt {
        let tokens: [TokenID]
        /// Sequence number and random stream of the first continuation; the others take those after it.
        let firstSequence: Int
        let firstStream: UInt64
        /// First tokens that other prompts have too.
        var beginning = 0
        /// Continuations, and how many of them are decoded together at most.
        var members = 1
        var membersAtOnce = 1
        /// Whether more continuations may be asked for later.
        var isKept = false
        /// What an earlier one left, if the prompt has been read already.
        var read: ReadPrompt?
    }

    private var prompts: [Prompt] = []
    private var start = 0

    init() {}

    init(_ request: GenerationRequest) {
        prompts = request.prompts.enumerated().map { index, tokens in
            let first = index * request.groupSize
            return Prompt(
                tokens: tokens,
                firstSequence: first,
                firstStream: request.firstStreams?[index] ?? UInt64(first),
                beginning: request.beginnings?[index] ?? 0,
                members: request.groupSize,
                membersAtOnce: request.membersAtOnce
            )
        }
    }

    var count: Int { prompts.count - start }
    var isEmpty: Bool { count == 0 }
    var first: Prompt? { isEmpty ? nil : prompts[start] }

    mutating func append(_ prompt: Prompt) { prompts.append(prompt) }

    mutating func popFirst() -> Prompt? {
        guard let first else { return nil }
        start += 1
        // Half of the memory at least is of prompts to come; each is moved once on average.
        if start * 2 > prompts.count {
            prompts.removeFirst(start)
            start = 0
        }
        return first
    }
}
