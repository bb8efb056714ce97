// A judge behind an endpoint that speaks OpenAI's chat completions: a hosted model, vLLM, llama.cpp's server, …

internal import Foundation
public import IQPolicy
internal import IQText

#if canImport(FoundationNetworking)
    internal import FoundationNetworking
#endif

/// Asks a model over HTTP.
///
/// ```swift
/// let judge = CachedJudge(
///     ChatEndpointJudge(try ChatEndpointOptions(baseURL: URL(string: "http://127.0.0.1:8000/v1")!, model: "judge"))
/// )
/// let coverage = RubricReward.coverage(judge: judge)
/// ```
///
/// The material of people goes to that endpoint: see that they agreed, or use ``InProcessJudge``.
public struct ChatEndpointJudge: RubricJudge {
    public let options: ChatEndpointOptions
    private let turnstile: Turnstile
    private let session: URLSession

    public init(_ options: ChatEndpointOptions) {
        self.options = options
        turnstile = Turnstile(places: options.concurrency)
        let configuration = URLSessionConfiguration.ephemeral
        configuration.httpMaximumConnectionsPerHost = options.concurrency
        configuration.urlCache = nil
        configuration.httpShouldSetCookies = false
        session = URLSession(configuration: configuration)
    }

    /// - Throws: ``ChatEndpointError`` of the first question that got no answer, and `CancellationError`.
    public func scores(of questions: [RubricQuestion]) async throws -> [Double?] {
        try await questions.concurrentMap(limit: options.concurrency) { question in
            try await turnstile.pass { try await score(question) }
        }
    }

    // MARK: One question

    private func score(_ question: RubricQuestion) async throws -> Double? {
        let request = try request(for: question)
        var pause = options.retryDelay
        for attempt in 1... {
            try Task.checkCancellation()
            let failure: ChatEndpointError
            var wanted = Duration.zero
            switch await send(request, attempt: attempt) {
            case .answer(let data): return try read(data)
            case .final(let error): throw error
            case .temporary(let error, let retryAfter):
                failure = error
                wanted = retryAfter
            }
            try Task.checkCancellation()
            if attempt > options.retries { throw failure }
            let drawn = pause / 2 + (pause / 2) * Double.random(in: 0...1)
            try await Task.sleep(for: max(drawn, wanted))
            pause = max(options.retryDelay, min(pause * 2, ChatEndpointOptions.longestPause))
        }
        return nil
    }

    private enum Outcome {
        case answer(Data)
        /// Trying again may help.
        case temporary(ChatEndpointError, retryAfter: Duration)
        case final(any Error)
    }

    private func send(_ request: URLRequest, attempt: Int) async -> Outcome {
        do {
            let (data, response) = try await withTimeLimit(options.timeout) { [session] in
                try await session.data(for: request)
            }
            guard let response = response as? HTTPURLResponse else {
                return .final(ChatEndpointError.notACompletion(endpoint: endpoint, body: Self.beginning(data)))
            }
            guard data.count <= ChatEndpointOptions.maximumAnswerBytes else {
                return .final(ChatEndpointError.tooLarge(endpoint: endpoint, bytes: data.count))
            }
            if response.statusCode == 200 { return .answer(data) }
            let refusal = ChatEndpointError.refused(
                endpoint: endpoint,
                status: response.statusCode,
                body: Self.beginning(data),
                attempts: attempt
            )
            switch response.statusCode {
            case 408, 429, 500...599:
                let seconds = response.value(forHTTPHeaderField: "Retry-After").flatMap { Double($0) } ?? 0
                return .temporary(refusal, retryAfter: .seconds(min(60, max(0, seconds))))
            default: return .final(refusal)
            }
        } catch let error as TimeLimitExceeded {
            return .temporary(
                .timedOut(endpoint: endpoint, limit: error.limit, attempts: attempt),
                retryAfter: .zero
            )
        } catch is CancellationError {
            return .final(CancellationError())
        } catch {
            if Task.isCancelled { return .final(CancellationError()) }
            return .temporary(
                .connection(endpoint: endpoint, reason: Self.reason(error), attempts: attempt),
                retryAfter: .zero
            )
        }
    }

    private func read(_ data: Data) throws -> Double? {
        guard let completion = try? JSONDecoder().decode(ChatCompletion.self, from: data),
            let choice = completion.choices.first
        else { throw ChatEndpointError.notACompletion(endpoint: endpoint, body: Self.beginning(data)) }
        if let score = ChatAnswer.score(choice, options.answer) { return score }
        throw ChatEndpointError.unreadableAnswer(
            endpoint: endpoint,
            text: Self.beginning(Data((choice.message.content ?? "").utf8)),
            expected: options.answer.expected
        )
    }

    private struct Body: Encodable {
        let model: String
        let messages: [ChatMessage]
        let temperature = 0.0
        let max_tokens: Int
        let logprobs: Bool?
        let top_logprobs: Int?
    }

    private func request(for question: RubricQuestion) throws -> URLRequest {
        var request = URLRequest(url: options.baseURL.appendingPathComponent("chat/completions"))
        request.httpMethod = "POST"
        // Ours is the limit that counts; this one is there for connections that nobody waits for any more.
        request.timeoutInterval = options.timeout / .seconds(1) + 1
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        request.setValue("application/json", forHTTPHeaderField: "Accept")
        if let key = options.apiKey { request.setValue("Bearer \(key)", forHTTPHeaderField: "Authorization") }
        let probabilities = options.answer == .yesOrNo(probabilities: true)
        request.httpBody = try JSONEncoder().encode(
            Body(
                model: options.model,
                messages: question.messages(answer: options.answer.instruction),
                max_tokens: 8,
                logprobs: probabilities ? true : nil,
                top_logprobs: probabilities ? 10 : nil
            )
        )
        return request
    }

    /// The address as messages show it.
    private var endpoint: String {
        var parts = URLComponents(url: options.baseURL, resolvingAgainstBaseURL: false)
        parts?.user = nil
        parts?.password = nil
        parts?.query = nil
        return parts?.string ?? options.baseURL.host ?? ""
    }

    /// On one line, cut.
    private static func beginning(_ data: Data) -> String {
        let text = String(decoding: data.prefix(200), as: UTF8.self)
        let line = text.split(whereSeparator: { $0.isWhitespace || $0.isNewline }).joined(separator: " ")
        return line.isEmpty ? "(nothing)" : line
    }

    private static func reason(_ error: any Error) -> String {
        (error as? URLError).map { $0.localizedDescription } ?? "\(error)"
    }
}

extension ChatEndpointOptions.Answer {
    fileprivate var instruction: String {
        switch self {
        case .yesOrNo: "Answer with yes or no only."
        case .number(let largest): "Answer with one number from 0 (not at all) to \(largest) (fully) only."
        }
    }

    fileprivate var expected: String {
        switch self {
        case .yesOrNo: "yes or no"
        case .number(let largest): "a number from 0 to \(largest)"
        }
    }
}
