// How a list ends under its grammar.

import IQInterest
import IQModel
import IQTensor
import IQText
import Testing
import _IQTestSupport

@Suite("The end of a list under its grammar")
struct QueryGrammarEndTests {
    private func matcher(after text: String, count: ClosedRange<Int>) throws -> (
        GrammarMatcher, Set<TokenID>, Tokenizer
    ) {
        let tokenizer = try TinyTokenizer.make()
        var matcher = GrammarMatcher(
            try TokenGrammar(QueryListFormat.lines.grammar(count: count), tokenizer: tokenizer)
        )
        for token in tokenizer.encode(text) {
            #expect(matcher.allowedTokens().contains(token), "in \(text)")
            matcher.advance(token)
        }
        return (matcher, Set(matcher.allowedTokens()), tokenizer)
    }

    @Test("is a line break behind the most queries, and nothing after it")
    func lineBreak() throws {
        let (open, allowed, tokenizer) = try matcher(after: "rye bread\nmoon base", count: 2...2)
        let lineBreak = try #require(tokenizer.encode("\n").first)
        #expect(allowed.contains(lineBreak) && open.mayEnd && !open.isComplete)
        let (closed, _, _) = try matcher(after: "rye bread\nmoon base\n", count: 2...2)
        #expect(closed.mayEnd && closed.isComplete)
    }

    @Test("may come behind a line break where another query may follow, and not before there are enough")
    func fewer() throws {
        let (enough, _, tokenizer) = try matcher(after: "rye bread\nmoon base\n", count: 2...3)
        #expect(enough.mayEnd && !enough.isComplete)
        #expect(enough.allowedTokens().contains(try #require(tokenizer.encode("s").first)))
        #expect(try !matcher(after: "rye bread\n", count: 2...3).0.mayEnd)
        #expect(try QueryList(parsing: "rye bread\nmoon base\n", format: .lines).queries == ["rye bread", "moon base"])
    }
}
