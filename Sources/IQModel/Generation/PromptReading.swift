// A prompt on its way into the cache.

internal import IQTensor
internal import IQText

/// A prompt that is being read, or read and waiting for places for its continuations.
struct PromptReading {
    let prompt: WaitingPrompts.Prompt
    private(set) var cache: KVCache
    /// Tokens that were read.
    private(set) var read = 0
    /// Continuations that have begun.
    var begun = 0
    /// The logits behind the prompt, for continuations that begin after the first ones; else nil.
    var logits: FloatMatrix?
    /// Room behind the prompt, for the only continuation, which writes on in the prompt's own memory.
    private let room: Int

    var tokens: [TokenID] { prompt.tokens }
    /// Continuations have memory of their own behind the prompt's.
    var isShared: Bool { prompt.members > 1 || prompt.isKept || prompt.read != nil }
    /// Where the next piece ends at the latest: a prompt is cut behind its beginning.
    var pieceEnd: Int { read < prompt.beginning ? prompt.beginning : tokens.count }

    /// A prompt at its start, behind its beginning if the runner has that, or read already, with memory for the rest.
    ///
    /// - Parameter room: tokens that the first continuation gets at once.
    init(_ prompt: WaitingPrompts.Prompt, room: Int, on runner: DecoderRunner) throws(TensorError) {
        self.prompt = prompt
        self.room = room
        if let known = prompt.read {
            cache = known.cache
            read = prompt.tokens.count
            logits = known.logits
            return
        }
        let beginning = prompt.tokens[..<prompt.beginning]
        if beginning.isEmpty {
            cache = runner.makeCache()
        } else if let known = runner.beginnings.cache(behind: beginning) {
            cache = known
            read = beginning.count
        } else {
            cache = runner.makeCache()
            try cache.reserve(beginning.count)
            return
        }
        try reserveRest()
    }

    /// Notes that tokens up to `end` were read. A beginning is left to the runner, and the rest goes on behind it.
    mutating func advance(to end: Int, on runner: DecoderRunner) throws(TensorError) {
        read = end
        guard end == prompt.beginning, end < tokens.count else { return }
        let rest = cache.fork()
        runner.beginnings.keep(cache, of: tokens[..<end])
        cache = rest
        try reserveRest()
    }

    private func reserveRest() throws(TensorError) {
        try cache.reserve(tokens.count - read + (isShared ? 0 : room))
    }
}
