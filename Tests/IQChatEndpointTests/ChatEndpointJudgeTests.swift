import Foundation
import IQChatEndpoint
import IQPolicy
import Testing

/// A judge behind servers that are well, slow, wrong and dead.
struct ChatEndpointJudgeTests {
    private static let question = RubricQuestion(rubric: Rubric(name: "q", question: "Is it good?"), material: "a list")

    private static func options(
        _ url: URL,
        answer: ChatEndpointOptions.Answer = .yesOrNo(probabilities: false),
        timeout: Duration = .seconds(20),
        retries: Int = 0,
        concurrency: Int = 4
    ) throws -> ChatEndpointOptions {
        try ChatEndpointOptions(
            baseURL: url,
            model: "judge",
            apiKey: "secret-key",
            answer: answer,
            timeout: timeout,
            retries: retries,
            retryDelay: .milliseconds(1),
            concurrency: concurrency
        )
    }

    /// What a judge says to one question of a server that answers like this.
    private static func ask(
        answer: ChatEndpointOptions.Answer = .yesOrNo(probabilities: false),
        timeout: Duration = .seconds(20),
        retries: Int = 0,
        _ reply: @escaping @Sendable (Int) -> TestServer.Reply
    ) async throws -> (score: Double?, requests: [String]) {
        let server = try TestServer(reply)
        defer { server.stop() }
        let judge = ChatEndpointJudge(try options(server.url, answer: answer, timeout: timeout, retries: retries))
        let scores = try await judge.scores(of: [question])
        return (scores.first ?? nil, server.requests)
    }

    private static func failure(
        answer: ChatEndpointOptions.Answer = .yesOrNo(probabilities: false),
        timeout: Duration = .seconds(20),
        retries: Int = 0,
        _ reply: @escaping @Sendable (Int) -> TestServer.Reply
    ) async -> ChatEndpointError? {
        await #expect(throws: ChatEndpointError.self) {
            try await ask(answer: answer, timeout: timeout, retries: retries, reply)
        }
    }

    // MARK: Well

    @Test(arguments: [("Yes", 1.0), ("no.", 0), ("**Yes**, it is", 1), ("NO", 0)])
    func `yes and no are read in every dress`(text: String, score: Double) async throws {
        #expect(try await Self.ask { _ in .text(text) }.score == score)
    }

    @Test(arguments: [("7", 0.7), ("7/10", 0.7), ("Score: 10.", 1), ("0", 0), ("2.5", 0.25)])
    func `numbers are parts of the largest`(text: String, score: Double) async throws {
        #expect(try await Self.ask(answer: .number(upTo: 10)) { _ in .text(text) }.score == score)
    }

    @Test func `the request is a chat completion with the question, the key and no draw`() async throws {
        let request = try #require(try await Self.ask { _ in .text("yes") }.requests.first)
        #expect(request.hasPrefix("POST /v1/chat/completions HTTP/1.1"))
        #expect(request.contains("Authorization: Bearer secret-key"))
        for part in ["\"model\":\"judge\"", "\"temperature\":0", "Is it good?", "a list", "\"max_tokens\":8"] {
            #expect(request.contains(part), "\(part) in \(request)")
        }
        #expect(!request.contains("logprobs"))
    }

    @Test func `probabilities of the first token decide where they are given`() async throws {
        let body = """
            {"choices": [{"message": {"content": "Yes"}, "logprobs": {"content": [{"token": "Yes", "logprob": -0.5108256, \
            "top_logprobs": [{"token": "Yes", "logprob": -0.5108256}, {"token": " no", "logprob": -1.6094379}, \
            {"token": "Perhaps", "logprob": -2.0}]}]}}]}
            """
        let (score, requests) = try await Self.ask(answer: .yesOrNo(probabilities: true)) { _ in
            .answer(200, body: body)
        }
        // 0.6 / (0.6 + 0.2)
        #expect(abs((score ?? 0) - 0.75) < 1e-6)
        #expect(requests.first?.contains("\"logprobs\":true") == true)
        // A server that gives none is taken at its word.
        #expect(try await Self.ask(answer: .yesOrNo(probabilities: true)) { _ in .text("No") }.score == 0)
    }

    @Test func `answers come in the order of the questions, so many at a time and no more`() async throws {
        let server = try TestServer { number in
            .late(milliseconds: number % 3 == 0 ? 60 : 20, text: "\(number % 2 == 0 ? "yes" : "no")")
        }
        defer { server.stop() }
        let judge = ChatEndpointJudge(try Self.options(server.url, concurrency: 3))
        let questions = (0..<12).map { RubricQuestion(rubric: Self.question.rubric, material: "list \($0)") }
        // Two callers share the limit.
        async let first = judge.scores(of: Array(questions[..<6]))
        async let second = judge.scores(of: Array(questions[6...]))
        let scores = try await first + second
        #expect(scores.count == 12)
        #expect(server.mostUnderWay <= 3)
        #expect(server.mostUnderWay >= 2)
        for (question, score) in zip(questions, scores) {
            // The number under which the server met this question.
            let number = try #require(server.requests.firstIndex { $0.contains("\(question.material)\\n") }) + 1
            #expect(score == (number % 2 == 0 ? 1 : 0))
        }
    }

    @Test func `a cached judge asks once`() async throws {
        let server = try TestServer { _ in .text("yes") }
        defer { server.stop() }
        let judge = CachedJudge(ChatEndpointJudge(try Self.options(server.url)))
        for _ in 0..<3 { #expect(try await judge.scores(of: [Self.question, Self.question]) == [1, 1]) }
        #expect(server.requests.count == 1)
    }

    // MARK: Slow

    @Test func `a server that does not answer is given up on`() async throws {
        let error = await Self.failure(timeout: .milliseconds(150), retries: 1) { _ in .silence }
        guard case .timedOut(_, .milliseconds(150), 2) = error else {
            return #expect(Bool(false), "\(String(describing: error))")
        }
    }

    @Test func `one that is slow once is asked again`() async throws {
        let (score, requests) = try await Self.ask(timeout: .seconds(2), retries: 2) {
            $0 == 1 ? .silence : .text("yes")
        }
        #expect(score == 1)
        #expect(requests.count == 2)
    }

    @Test func `cancellation ends the waiting`() async throws {
        let server = try TestServer { _ in .silence }
        defer { server.stop() }
        let judge = ChatEndpointJudge(try Self.options(server.url, timeout: .seconds(600)))
        let task = Task { try await judge.scores(of: [Self.question]) }
        while server.requests.isEmpty { usleep(2000) }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    // MARK: Wrong

    @Test func `a page instead of a completion is said`() async {
        let error = await Self.failure { _ in .answer(200, body: "<html><body>Welcome</body></html>") }
        guard case .notACompletion(_, "<html><body>Welcome</body></html>") = error else {
            return #expect(Bool(false), "\(String(describing: error))")
        }
    }

    @Test(arguments: ["{\"choices\": []}", "{\"choices\": [{\"message\": ", "{\"error\": \"x\"}", "[]", ""])
    func `so is what is no completion`(body: String) async {
        let error = await Self.failure { _ in .answer(200, body: body) }
        guard case .notACompletion = error else { return #expect(Bool(false), "\(String(describing: error))") }
    }

    @Test(arguments: ["Perhaps", "", "yesterday", "I cannot say"])
    func `a model that does not answer the question is said`(text: String) async {
        let error = await Self.failure { _ in .text(text) }
        guard case .unreadableAnswer(_, _, "yes or no") = error else {
            return #expect(Bool(false), "\(String(describing: error))")
        }
    }

    @Test(arguments: ["11", "-3", "1000000", "ten", "1.2.3"])
    func `so is a number outside its range`(text: String) async {
        let error = await Self.failure(answer: .number(upTo: 10)) { _ in .text(text) }
        guard case .unreadableAnswer(_, _, "a number from 0 to 10") = error else {
            return #expect(Bool(false), "\(String(describing: error))")
        }
    }

    @Test func `an answer without end is refused`() async {
        let error = await Self.failure { _ in .answer(200, body: String(repeating: "x", count: 2 << 20)) }
        guard case .tooLarge(_, 2_097_152) = error else { return #expect(Bool(false), "\(String(describing: error))") }
    }

    @Test(arguments: [400, 401, 404]) func `a refusal that would be the same again is final`(status: Int) async throws {
        let server = try TestServer { _ in .answer(status, body: "no\nsuch model") }
        defer { server.stop() }
        let judge = ChatEndpointJudge(try Self.options(server.url, retries: 5))
        let error = await #expect(throws: ChatEndpointError.self) { try await judge.scores(of: [Self.question]) }
        guard case .refused(_, status, "no such model", 1) = error else {
            return #expect(Bool(false), "\(String(describing: error))")
        }
        #expect(server.requests.count == 1)
        #expect(!"\(String(describing: error))".contains("secret-key"))
    }

    @Test(arguments: [408, 429, 500, 503]) func `one that may pass is tried again`(status: Int) async throws {
        let (score, requests) = try await Self.ask(retries: 3) { number in
            number < 3 ? .answer(status, headers: ["Retry-After: 0"], body: "busy") : .text("yes")
        }
        #expect(score == 1)
        #expect(requests.count == 3)
    }

    @Test func `and in the end it is told`() async {
        let error = await Self.failure(retries: 2) { _ in .answer(429, body: "busy") }
        guard case .refused(_, 429, "busy", 3) = error else {
            return #expect(Bool(false), "\(String(describing: error))")
        }
    }

    // MARK: Dead

    @Test func `nobody there is said with the address`() async throws {
        let url = try TestServer.deadURL()
        let judge = ChatEndpointJudge(try Self.options(url, retries: 1))
        let error = await #expect(throws: ChatEndpointError.self) { try await judge.scores(of: [Self.question]) }
        guard case .connection(let endpoint, _, 2) = error else {
            return #expect(Bool(false), "\(String(describing: error))")
        }
        #expect(endpoint == url.absoluteString)
    }

    @Test(arguments: ["", "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"choices\": [", "garbage\r\n\r\n"])
    func `a connection that breaks is tried again`(bytes: String) async throws {
        let (score, requests) = try await Self.ask(retries: 1) { $0 == 1 ? .raw(bytes) : .text("yes") }
        #expect(score == 1)
        #expect(requests.count == 2)
    }

    // MARK: Options

    @Test func `options out of range are refused and a key is not shown`() throws {
        let url = try #require(URL(string: "http://host/v1"))
        func name(_ make: () throws -> ChatEndpointOptions) -> String? {
            do {
                _ = try make()
                return nil
            } catch ChatEndpointError.invalidOption(let name, let value, _) {
                #expect(!value.contains("se cret"))
                return name
            } catch { return "\(error)" }
        }
        #expect(
            name { try ChatEndpointOptions(baseURL: try #require(URL(string: "ftp://host")), model: "m") } == "baseURL"
        )
        #expect(
            name { try ChatEndpointOptions(baseURL: try #require(URL(string: "http:///v1")), model: "m") } == "baseURL"
        )
        #expect(name { try ChatEndpointOptions(baseURL: url, model: "") } == "model")
        #expect(name { try ChatEndpointOptions(baseURL: url, model: "m", apiKey: "se cret") } == "apiKey")
        #expect(name { try ChatEndpointOptions(baseURL: url, model: "m", timeout: .zero) } == "timeout")
        #expect(name { try ChatEndpointOptions(baseURL: url, model: "m", retries: -1) } == "retries")
        #expect(name { try ChatEndpointOptions(baseURL: url, model: "m", concurrency: 0) } == "concurrency")
        #expect(name { try ChatEndpointOptions(baseURL: url, model: "m", answer: .number(upTo: 0)) } == "answer.number")
        #expect(name { try ChatEndpointOptions(baseURL: url, model: "m") } == nil)
    }
}
