// What an endpoint's answer says: pure functions of its bytes.

internal import Foundation

/// A chat completion, as far as a judge reads it.
struct ChatCompletion: Decodable {
    struct Choice: Decodable {
        struct Message: Decodable { let content: String? }
        struct LogProbabilities: Decodable { let content: [Position]? }
        let message: Message
        let logprobs: LogProbabilities?
    }

    /// The probabilities at one place of the answer.
    struct Position: Decodable {
        struct Candidate: Decodable {
            let token: String
            let logprob: Double
        }
        let token: String
        let logprob: Double
        let top_logprobs: [Candidate]?
    }

    let choices: [Choice]
}

enum ChatAnswer {
    /// The score that a completion gives; nil if its text does not say.
    static func score(_ choice: ChatCompletion.Choice, _ answer: ChatEndpointOptions.Answer) -> Double? {
        let text = choice.message.content ?? ""
        switch answer {
        case .yesOrNo(let probabilities):
            if probabilities, let first = choice.logprobs?.content?.first, let score = score(first) { return score }
            return yesOrNo(text)
        case .number(let largest):
            guard let number = number(text), (0...Double(largest)).contains(number) else { return nil }
            return number / Double(largest)
        }
    }

    /// 1 for an answer whose first word is yes, 0 for no.
    static func yesOrNo(_ text: String) -> Double? {
        let word = text.drop { !$0.isLetter }.prefix { $0.isLetter }.lowercased()
        return word == "yes" ? 1 : word == "no" ? 0 : nil
    }

    /// The first number of an answer; "7/10" is 7.
    static func number(_ text: String) -> Double? {
        guard let start = text.firstIndex(where: \.isASCIIDigit) else { return nil }
        // A minus sign makes the number one that was not asked for.
        if start > text.startIndex, text[text.index(before: start)] == "-" { return nil }
        let digits = text[start...].prefix { $0.isASCIIDigit || $0 == "." }
        return Double(digits.last == "." ? digits.dropLast() : digits)
    }

    /// P(yes) / (P(yes) + P(no)) among the candidates of the answer's first place; nil if neither is there.
    private static func score(_ position: ChatCompletion.Position) -> Double? {
        var candidates = position.top_logprobs ?? []
        if !candidates.contains(where: { $0.token == position.token }) {
            candidates.append(.init(token: position.token, logprob: position.logprob))
        }
        var sums = [0.0, 0.0]
        for candidate in candidates where candidate.logprob <= 0.001 {
            guard let answer = yesOrNo(candidate.token) else { continue }
            sums[Int(answer)] += exp(candidate.logprob)
        }
        let total = sums[0] + sums[1]
        return total > 0 && total.isFinite ? sums[1] / total : nil
    }
}

extension Character {
    fileprivate var isASCIIDigit: Bool { isASCII && isNumber }
}
