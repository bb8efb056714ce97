// A prompt in tokens, and what it has in common with the prompts of other people.

package import IQText
internal import Synchronization

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// A prompt as the engine reads it.
package struct PromptTokens: Sendable {
    package let tokens: [TokenID]
    /// How many of the first tokens the prompts of all people with this language have.
    package let beginning: Int
}

/// The tokens that all prompts in a language begin with, by language.
///
/// They follow from the options and the tokenizer alone, so that a prompt is read in the same pieces whoever comes before it.
final class CommonBeginnings: Sendable {
    private let known = Mutex<[String?: [TokenID]]>([:])

    /// Languages that are remembered; a tag can be any text.
    private static let languageLimit = 64
    /// Shorter beginnings are not worth a step of their own.
    private static let shortest = 16

    /// - Parameter make: computes the beginning, if it is not known.
    func count(in tokens: [TokenID], language: String?, _ make: () throws -> [TokenID]) rethrows -> Int {
        let beginning: [TokenID]
        if let found = known.withLock({ $0[language] }) {
            beginning = found
        } else {
            beginning = try make()
            known.withLock { known in
                if known.count >= Self.languageLimit { known = [:] }
                known[language] = beginning
            }
        }
        let isShared =
            beginning.count >= Self.shortest && beginning.count < tokens.count && tokens.starts(with: beginning)
        return isShared ? beginning.count : 0
    }
}

extension PromptBuilder {
    /// The tokens that all prompts in the language begin with: what those of made-up people have in common, whose texts begin
    /// with a letter, a digit and a sign.
    ///
    /// - Parameter tokens: what messages become under the model's chat template.
    func commonBeginning(language: String?, tokens: ([ChatMessage]) throws -> [TokenID]) throws -> [TokenID] {
        let made = try ["Alpha", "7 tries", "\u{201c}Why?"].enumerated().map { index, text in
            let kinds: [SignalKind] = [.newsClick, .webSearch, .pageVisit]
            let signal = try UserSignal(kind: kinds[index], time: Date(timeIntervalSince1970: 0), text: text)
            return try tokens(messages(for: [SignalLine(signal: signal, text: text)], language: language).messages)
        }
        var count = made.map(\.count).min() ?? 0
        for other in made.dropFirst() {
            count = zip(made[0], other).prefix(count).prefix { $0 == $1 }.count
        }
        return Array(made[0].prefix(count))
    }
}
