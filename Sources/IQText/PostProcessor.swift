// What a model wants before and behind the tokens of a text.

/// The tokens around a single text: `[CLS]` … `[SEP]`, a beginning of text.
struct PostProcessor: Sendable, Equatable {
    var prefix: [TokenID] = []
    var suffix: [TokenID] = []
}
