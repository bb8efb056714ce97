// Where one sequence stands in its grammar.

internal import IQTensor
internal import IQText

struct GrammarMatcher {
    init(_ grammar: TokenGrammar, endTokens: [TokenID]) {}
    mutating func restrict(_ logits: UnsafeMutableBufferPointer<Float>, context: ComputeContext) throws(GenerationError)
    {}
    mutating func advance(_ token: TokenID) {}
    var isComplete: Bool { false }
    var mayEnd: Bool { true }
}
