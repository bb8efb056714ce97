import IQModel
import IQText

/// What a grammar allows, by trying everything: the reference of the compiled automaton.
struct GrammarReference {
    let expression: ByteExpression

    init(_ grammar: ByteGrammar) { expression = grammar.expression }

    /// True if the bytes are a whole text of the grammar.
    func matches(_ bytes: [UInt8]) -> Bool { ends(of: expression, in: bytes, from: [0]).ends.contains(bytes.count) }

    /// True if the bytes begin some text of the grammar. Every part of the grammar must match something.
    func canBegin(_ bytes: [UInt8]) -> Bool {
        let result = ends(of: expression, in: bytes, from: [0])
        return result.ranOut || result.ends.contains(bytes.count)
    }

    /// Where texts of the expression that begin at one of `starts` may end, and whether one was cut off by the end of the
    /// bytes.
    private func ends(
        of expression: ByteExpression,
        in bytes: [UInt8],
        from starts: Set<Int>
    ) -> (ends: Set<Int>, ranOut: Bool) {
        switch expression {
        case .bytes(let set):
            let inside = starts.filter { $0 < bytes.count }
            return (Set(inside.filter { set.contains(bytes[$0]) }.map { $0 + 1 }), inside.count < starts.count)
        case .sequence(let parts):
            var (places, ranOut) = (starts, false)
            for part in parts {
                let result = ends(of: part, in: bytes, from: places)
                places = result.ends
                ranOut = ranOut || result.ranOut
            }
            return (places, ranOut)
        case .choice(let branches):
            var (places, ranOut) = (Set<Int>(), false)
            for branch in branches {
                let result = ends(of: branch, in: bytes, from: starts)
                places.formUnion(result.ends)
                ranOut = ranOut || result.ranOut
            }
            return (places, ranOut)
        case .repetition(let body, let minimum, let maximum):
            var (places, ranOut) = (starts, false)
            var reached: Set<Int> = minimum == 0 ? starts : []
            var round = 0
            while round < maximum ?? .max, !places.isEmpty {
                let result = ends(of: body, in: bytes, from: places)
                ranOut = ranOut || result.ranOut
                places = result.ends
                round += 1
                if round >= minimum {
                    if places.isSubset(of: reached) { break }
                    reached.formUnion(places)
                }
            }
            return (reached, ranOut)
        }
    }
}

/// A vocabulary of given texts, with the last id ending a text.
struct TinyVocabulary {
    let tokens: [[UInt8]]
    var endToken: TokenID { TokenID(tokens.count) }
    var vocabulary: GrammarVocabulary { GrammarVocabulary(tokens: tokens + [nil], endTokens: [endToken]) }

    init(_ tokens: [[UInt8]]) { self.tokens = tokens }
    init(_ tokens: [String]) { self.tokens = tokens.map { Array($0.utf8) } }

    /// Every byte, then the given texts.
    init(bytesAnd texts: [String]) { tokens = (0...255).map { [UInt8($0)] } + texts.map { Array($0.utf8) } }

    /// The tokens that may follow `text`, end included, by trying each.
    func allowed(by reference: GrammarReference, after text: [UInt8]) -> [TokenID] {
        var result = tokens.indices.filter { reference.canBegin(text + tokens[$0]) }.map { TokenID($0) }
        if reference.matches(text) { result.append(endToken) }
        return result
    }
}
