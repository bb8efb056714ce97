// Where a judge is asked, and how patiently.

public import Foundation
internal import IQPolicy

/// How ``ChatEndpointJudge`` asks.
public struct ChatEndpointOptions: Sendable {
    /// What the judge answers with.
    public enum Answer: Sendable, Hashable {
        /// Yes, which scores 1, or no, which scores 0. With probabilities, where the server gives them for the answer's first token,
        /// P(yes) / (P(yes) + P(no)); not every server does, and one that is asked for what it lacks may refuse.
        case yesOrNo(probabilities: Bool)
        /// A number from 0 to this one, which scores 1.
        case number(upTo: Int)
    }

    /// Where the interface begins, such as `https://api.example.com/v1`; `/chat/completions` comes behind it.
    public let baseURL: URL
    /// The model's name at the endpoint.
    public let model: String
    /// Sent as a bearer token, and shown in no message.
    public let apiKey: String?
    public let answer: Answer
    /// The longest that one attempt may take.
    public let timeout: Duration
    /// How often a failed attempt is repeated: one whose connection failed, that took too long, or that the server answered with the
    /// status 408, 429 or 500 to 599. Other answers would be the same again.
    public let retries: Int
    /// The pause before the first repetition; it doubles with each further one up to ``longestPause``, and each is drawn from its upper half at random, so
    /// that many clients do not come back at once. A server's `Retry-After` in seconds counts instead if it is longer, up to a minute.
    public let retryDelay: Duration
    /// Requests under way at a time, whoever asks.
    public let concurrency: Int
    /// Pauses grow no longer than this, unless the first one is.
    public static let longestPause = Duration.seconds(8)
    /// Larger answers are refused, in bytes.
    public static let maximumAnswerBytes = 1 << 20

    /// - Throws: ``ChatEndpointError/invalidOption(name:value:permitted:)``.
    public init(
        baseURL: URL,
        model: String,
        apiKey: String? = nil,
        answer: Answer = .yesOrNo(probabilities: false),
        timeout: Duration = .seconds(30),
        retries: Int = 3,
        retryDelay: Duration = .milliseconds(500),
        concurrency: Int = 4
    ) throws(ChatEndpointError) {
        func require(_ isGood: Bool, _ name: String, _ value: String, _ permitted: String) throws(ChatEndpointError) {
            if !isGood { throw .invalidOption(name: name, value: value, permitted: permitted) }
        }
        let scheme = baseURL.scheme?.lowercased()
        try require(
            (scheme == "http" || scheme == "https") && !(baseURL.host ?? "").isEmpty,
            "baseURL",
            baseURL.absoluteString,
            "an http or https address, such as http://127.0.0.1:8000/v1"
        )
        try require(!model.isEmpty, "model", "empty", "the model's name at the endpoint")
        if case .number(let largest) = answer {
            try require((1...1000).contains(largest), "answer.number", "\(largest)", "1 to 1000")
        }
        try require(timeout > .zero, "timeout", "\(timeout)", "more than 0 seconds")
        try require((0...100).contains(retries), "retries", "\(retries)", "0 to 100")
        try require(retryDelay >= .zero, "retryDelay", "\(retryDelay)", "0 seconds or more")
        try require((1...1024).contains(concurrency), "concurrency", "\(concurrency)", "1 to 1024")
        // A line break in a header would end it.
        try require(
            apiKey.map { $0.utf8.allSatisfy { (0x21...0x7E).contains($0) } && !$0.isEmpty } ?? true,
            "apiKey",
            "not shown",
            "printable ASCII characters without spaces"
        )
        self.baseURL = baseURL
        self.model = model
        self.apiKey = apiKey
        self.answer = answer
        self.timeout = timeout
        self.retries = retries
        self.retryDelay = retryDelay
        self.concurrency = concurrency
    }
}

/// What went wrong at an endpoint, after the last attempt. `endpoint` is the address without user and password.
public enum ChatEndpointError: Error, Equatable, Sendable, CustomStringConvertible {
    case invalidOption(name: String, value: String, permitted: String)
    /// There was no connection, or it broke.
    case connection(endpoint: String, reason: String, attempts: Int)
    case timedOut(endpoint: String, limit: Duration, attempts: Int)
    /// The server refused; `body` is the beginning of what it said.
    case refused(endpoint: String, status: Int, body: String, attempts: Int)
    /// The answer is no chat completion; `body` is its beginning.
    case notACompletion(endpoint: String, body: String)
    /// The answer is larger than ``ChatEndpointOptions/maximumAnswerBytes``.
    case tooLarge(endpoint: String, bytes: Int)
    /// The model said something else than it was asked for.
    case unreadableAnswer(endpoint: String, text: String, expected: String)

    public var description: String {
        func times(_ attempts: Int) -> String { attempts == 1 ? "1 attempt" : "\(attempts) attempts" }
        switch self {
        case .invalidOption(let name, let value, let permitted): return "\(name) is \(value); give \(permitted)"
        case .connection(let endpoint, let reason, let attempts):
            return "no connection to \(endpoint) after \(times(attempts)): \(reason); is the server running there?"
        case .timedOut(let endpoint, let limit, let attempts):
            return
                "\(endpoint) took longer than \(limit), \(times(attempts)); allow more time, or fewer requests at a time"
        case .refused(let endpoint, let status, let body, let attempts):
            let hint =
                switch status {
                case 401, 403: "; check the key"
                case 404: "; check the address and the model's name"
                case 429: "; ask for less at a time"
                default: ""
                }
            return "\(endpoint) answered with status \(status) after \(times(attempts)): \(body)\(hint)"
        case .notACompletion(let endpoint, let body):
            return "\(endpoint) answered with something else than a chat completion: \(body); check the address"
        case .tooLarge(let endpoint, let bytes):
            return "\(endpoint) answered with \(bytes) bytes; \(ChatEndpointOptions.maximumAnswerBytes) are read"
        case .unreadableAnswer(let endpoint, let text, let expected):
            return
                "the model at \(endpoint) answered '\(text)' and not \(expected); use a model that follows instructions"
        }
    }
}
